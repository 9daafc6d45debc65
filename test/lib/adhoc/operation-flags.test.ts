import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { findForm, parseFlagValue } from '../../../lib/adhoc/flag-value.ts'
import {
  buildOperationFlags,
  buildOperations,
  findReference,
} from '../../../lib/adhoc/operation-flags.ts'
import type { ReferenceOption } from '../../../lib/adhoc/reference.ts'
import { Secret } from '../../../lib/secret.ts'
import { readOperations } from '../../../scripts/docs/read.ts'
import { makeOutput, nothingPending } from '../../support/operations.ts'
import { root } from '../../support/run-playbook.ts'

const { references } = readOperations(root)
const load = (module: string) => import(`../../../lib/operations/${module}.ts`)
const secret = async (name: string) => new Secret('x', name)
const make = async (name: string, flags: Readonly<Record<string, unknown>>) =>
  buildOperations(findReference(name, references), flags, load, secret)

const forms: Record<string, ReturnType<typeof findForm>> = {
  boolean: 'flag',
  number: 'number',
  string: 'text',
  Path: 'text',
  '`/${string}`': 'text',
  'string | number': 'text',
  'string | Buffer | Secret': 'text',
  Secret: 'secret',
  'readonly string[]': 'texts',
  "'present' | 'absent'": 'word',
  'Readonly<Record<string, string>>': 'json',
  'readonly Allow[]': 'json',
  'readonly [string, ...string[]]': 'texts',
  Sh: 'shell',
  RegExp: 'pattern',
  URL: 'local',
  Bytes: 'loose',
  'string | number | boolean': 'loose',
  '(path: Sh) => Sh': null,
  'readonly OperationWithPaths[]': null,
  'Deferred<Secret>': null,
  'Readonly<Record<string, Secret>>': null,
}
for (const [type, form] of Object.entries(forms))
  test(`a ${type} is given as ${form ?? 'nothing'}`, () =>
    assert.is(findForm({ type } as ReferenceOption), form))

const good: Record<
  string,
  [name: string, flags: Record<string, unknown>, id: string, change: RegExp]
> = {
  'a file': [
    'file',
    { path: '/etc/motd', content: 'hi', mode: '600' },
    'file /etc/motd',
    /content: hi, mode: 600/,
  ],
  'packages, each named': [
    'apt.packages',
    { names: ['jq', 'curl'] },
    'apt.packages jq curl',
    /jq: installed, curl: installed/,
  ],
  'a number and an off': [
    'user',
    { name: 'anna', uid: '1500', 'no-system': true },
    'user anna',
    /uid: 1500/,
  ],
  JSON: ['sysctl', { name: 'x', values: '{"vm.swappiness": 10}' }, 'sysctl x', /swappiness/],
  'a file from here': [
    'file',
    { path: '/etc/x', source: 'README.md' },
    'file /etc/x',
    /BRD infrastructure/,
  ],
  'a line for the shell': [
    'command',
    { name: 'x', run: 'touch /srv/x | cat', creates: '/srv/x' },
    'command x',
    /srv/,
  ],
  'one of two forms': ['line', { path: '/etc/x', key: 'a', value: '1' }, 'line /etc/x a', /etc\/x/],
}
for (const [title, [name, flags, id, change]] of Object.entries(good))
  test(title, async () => {
    const ops = await make(name, flags)
    assert.equal(
      ops.map(op => op.id),
      [id],
    )
    const printed = name === 'apt.packages' ? 'end\n' : 'absent\n'
    const plan = ops[0]?.decide(makeOutput(printed), nothingPending)
    const diff =
      plan && 'diff' in plan
        ? plan.diff.map(({ key, after }) => `${key}: ${after}`).join(', ')
        : JSON.stringify(plan)
    assert.match(`${diff} ${ops[0]?.probe.text}`, change)
  })

test('a text that looks like a number stays as it is, unless it is one exactly', async () => {
  const option = { name: 'value', type: 'string | number', doc: '', required: true }
  const read = (text: string) => parseFlagValue(option, text, secret)
  assert.equal(await Promise.all(['12', '0644', '9007199254740993', '1.10'].map(read)), [
    12,
    '0644',
    '9007199254740993',
    '1.10',
  ])
})

const bad: Record<string, [name: string, flags: Record<string, unknown>, says: RegExp]> = {
  'an option with its opposite': [
    'user',
    { name: 'anna', system: true, 'no-system': true },
    /^--system: is given together with --no-system\n/,
  ],
  'a number that begins with 0': [
    'user',
    { name: 'anna', uid: '0100' },
    /^--uid: "0100" begins with 0$/,
  ],
  'a number that would be rounded': [
    'user',
    { name: 'anna', uid: '9007199254740993' },
    /^--uid: "9007199254740993" is not a number, or one that would be rounded$/,
  ],
  'a name that is near': ['fil', {}, /^--op fil: unknown operation; did you mean "file"\?/],
  'what must be given': ['file', { content: 'x' }, /^--path: is required by --op file\n/],
  'neither of two forms': ['archive', { path: '/x' }, /^--op archive: either --from; or --source/],
  'neither a content nor its absence': [
    'file',
    { path: '/x' },
    /^--op file: file \/x: content or source is expected/,
  ],
  'a word that is none of them': [
    'service',
    { name: 'ssh', state: 'runing' },
    /^--state: "runing" is not one of running, stopped; did you mean "running"\?/,
  ],
  'no number': ['user', { name: 'anna', uid: 'many' }, /^--uid: "many" is not a number/],
  'no JSON': [
    'sysctl',
    { name: 'x', values: 'vm.swappiness=10' },
    /^--values: must be JSON\n +Its type is Readonly<Record<string, string \| number>>/,
  ],
  'what the operation itself refuses': [
    'apt.packages',
    { names: ['Bad Name'] },
    /^--op apt\.packages: apt\.packages: "Bad Name" is not a package name/,
  ],
  'an option that only a playbook can give': [
    'swarm.token',
    { role: 'worker' },
    new RegExp(
      String.raw`its option provides \(Deferred<Secret>\) cannot be given on a command line` +
        String.raw`\n +Write a playbook\.`,
    ),
  ],
}
for (const [title, [name, flags, says]] of Object.entries(bad))
  test(`refused: ${title}`, async () => {
    const error = await make(name, flags).then(
      () => null,
      (error: Error) => error,
    )
    assert.match(error?.message ?? 'it was made', says)
  })

test('flags of an option: its docstring, and a way to say no', () => {
  const flags = buildOperationFlags(findReference('service', references))
  assert.equal(
    [flags['enabled']?.type, flags['no-enabled']?.type, flags['name']?.type, flags['restartOn']],
    ['boolean', 'boolean', 'string', undefined],
  )
  assert.match(flags['enabled']?.help ?? '', /starts at boot/)
  assert.is(buildOperationFlags(findReference('apt.packages', references))['names']?.multiple, true)
})

test.run()
