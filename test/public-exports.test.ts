import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { exportedNames } from '../scripts/test/exported-names.ts'

/**
 * The exports of the modules at the root of lib, which authors of playbooks, roles and operations
 * import. A change here is a change of the public API: CHANGELOG.md says so.
 */
const exports: Readonly<Record<string, readonly string[]>> = {
  'deferred.ts': ['Deferred', 'Refusal', 'Unknown'],
  'events.ts': [
    'Emit',
    'Event',
    'EventBody',
    'ExitCode',
    'Failure',
    'HostResult',
    'Listed',
    'Outcome',
  ],
  'facts.ts': [
    'addresses',
    'arch',
    'boot',
    'cpus',
    'disks',
    'docker',
    'hostname',
    'kernel',
    'memory',
    'mounts',
    'os',
    'packageManager',
    'rebootRequired',
    'virtualization',
  ],
  'operation.ts': [
    'Body',
    'Change',
    'Completed',
    'Context',
    'Definition',
    'Derived',
    'Diff',
    'Difference',
    'Meta',
    'Operation',
    'OperationKind',
    'OperationWithPaths',
    'Output',
    'Payload',
    'Unknown',
    'change',
    'differences',
    'operation',
    'unreadable',
  ],
  'playbook.ts': [
    'PlaybookOptions',
    'Run',
    'Vault',
    'playbook',
    'readSudoPassword',
    'requireSettings',
  ],
  'role.ts': ['Role', 'role'],
  'secret.ts': ['Secret', 'countSecretOverlap', 'hideSecret', 'redactSecrets'],
  'settings.ts': [
    'Declaration',
    'InventoryFile',
    'Register',
    'RegisteredValues',
    'RegisteredVars',
    'Shape',
    'declareSettings',
    'findClashes',
    'format',
    'isTree',
  ],
  'sh.ts': ['Sh', 'Word', 'join', 'nameSharedParts', 'quote', 'raw', 'renewed', 'sh', 'shared'],
}

/** The names in `export { a, type B } from '…'` and `export * as c from '…'`. */
const passedOn = (source: string): string[] =>
  [...source.matchAll(/^export (?:type )?(?:\{([^}]*)\}|\* as (\w+))/gm)].flatMap(
    ([, list = '', namespace]) =>
      namespace === undefined
        ? list.split(',').flatMap(name => name.trim().replace(/^type |^\w+ as /, '') || [])
        : [namespace],
  )

const modules = readdirSync('lib').filter(name => name.endsWith('.ts'))

test('the public modules are those at the root of lib', () =>
  assert.equal(modules.sort(), Object.keys(exports).sort()))

for (const [name, expected] of Object.entries(exports))
  test(`lib/${name} exports what it did`, () => {
    const source = readFileSync(`lib/${name}`, 'utf8')
    assert.equal([...exportedNames(source), ...passedOn(source)].sort(), [...expected].sort())
  })

test.run()
