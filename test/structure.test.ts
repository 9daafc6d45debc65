import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { findLongFiles, findUntested, findViolations } from '../scripts/test/house.ts'
import { readSources } from '../scripts/test/sources.ts'

const root = new URL('..', import.meta.url).pathname
const sources = readSources(decodeURIComponent(root))

test('all of the project is read', () => {
  for (const path of ['lib/sh.ts', 'lib/events.ts', 'scripts/test.ts', 'test/structure.test.ts'])
    assert.ok(sources.has(path), path)
})

test('the rules of the house hold', () => assert.equal(findViolations(sources), []))
test('no file of lib is too long', () => assert.equal(findLongFiles(sources), []))
test('every operation has its test', () => assert.equal(findUntested([...sources.keys()]), []))

/** planted modules -> what must be found of them */
const planted: Record<string, [Record<string, string>, RegExp[]]> = {
  'lib imports a role': [
    { 'lib/a.ts': "import { b } from '../roles/b.ts'" },
    [/^lib\/a\.ts:1: lib\/ may not import roles\/b\.ts/],
  ],
  'lib names a type of a playbook': [
    { 'lib/a.ts': "import type { B } from '../playbooks/b.ts'" },
    [/may not import playbooks/],
  ],
  'a role imports the play': [
    {
      'roles/a.ts': "import { play } from '../lib/run/play-batches.ts'",
      'lib/run/play-batches.ts': '',
    },
    [/a role imports operations only, not lib\/run\/play-batches\.ts/],
  ],
  'a role imports another': [
    { 'roles/a.ts': "import { b } from './b/index.ts'" },
    [/a role may not import another role/],
  ],
  'a role imports child_process': [
    { 'roles/a.ts': "import { spawn } from 'node:child_process'" },
    [/a role may not import node:child_process/],
  ],
  'a role imports zx in a call': [
    { 'roles/a.ts': "\n  const { $ } = await import('zx')" },
    [/^roles\/a\.ts:2: a role may not import zx/],
  ],
  'an operation imports what is not pure': [
    { 'lib/operations/a.ts': "import { $ } from 'zx'" },
    [/an operation may not import zx/],
  ],
  'an operation imports what is not pure, two modules on': [
    {
      'lib/operations/a.ts': "import {\n  b,\n} from '../b.ts'",
      'lib/b.ts': "export * from './c.ts'",
      'lib/c.ts': "import 'node:child_process'",
    },
    [/and lib\/b\.ts is not pure \(through lib\/c\.ts\)/],
  ],
  'an operation imports more of node:net than isIP': [
    { 'lib/operations/a.ts': "import { connect, isIP } from 'node:net'" },
    [/an operation may not import node:net/],
  ],
  'events loads a module': [
    { 'lib/events.ts': "import { b } from './b.ts'", 'lib/b.ts': '' },
    [/events is a leaf/],
  ],
  'ssh2 outside lib/ssh': [
    { 'lib/run/play-batches.ts': 'import ssh2 from "ssh2"' },
    [/only lib\/transport\/ssh imports ssh2/],
  ],
  'printing in lib': [
    { 'lib/run/play-batches.ts': "const a = 1\nconsole.log(a)\nprocess.stderr.write('x')" },
    [
      /^lib\/run\/play-batches\.ts:2: only lib\/report\/print\.ts prints/,
      /^lib\/run\/play-batches\.ts:3: only lib\/report\/print\.ts prints/,
    ],
  ],
  'printing in a script and a role, past what makes it safe': [
    {
      'scripts/a.ts': "process.stdout.write('x')",
      'roles/a.ts': "console['log']('x')",
      'lib/report/plain.ts': "import { log } from '@clack/prompts'",
      'lib/report/print.ts': "process.stdout.write('x')",
    },
    [
      /^scripts\/a\.ts:1: only lib\/report\/print\.ts prints/,
      /^roles\/a\.ts:1: only lib\/report\/print\.ts prints/,
      /^lib\/report\/plain\.ts:1: only lib\/report\/print\.ts prints/,
    ],
  ],
  'process.exit in lib': [
    { 'lib/report/a.ts': 'process.exit(1)' },
    [/nothing under lib calls process\.exit/],
  ],
  'a bare error in an operation': [
    { 'lib/operations/line.ts': "throw new Error('line: no')" },
    [/^lib\/operations\/line\.ts:1: an operation throws OptionError for a bad option/],
  ],
  'the transport imports the engine': [
    { 'lib/transport/a.ts': "import { converge } from '../converge/converge.ts'" },
    [/^lib\/transport\/a\.ts:1: lib\/transport\/ may not import lib\/converge\/converge\.ts/],
  ],
  'the transport names a type of the inventory': [
    { 'lib/transport/ssh/a.ts': "import type { Host } from '../../inventory/inventory.ts'" },
    [/lib\/transport\/ may not import lib\/inventory/],
  ],
  'the transport makes an operation': [
    { 'lib/transport/a.ts': "import { operation } from '../operation.ts'" },
    [/lib\/transport\/ may not import lib\/operation\.ts/],
  ],
  'the engine imports the run': [
    { 'lib/converge/a.ts': "import type { Run } from '../run/run.ts'" },
    [/lib\/converge\/ may not import lib\/run\/run\.ts/],
  ],
  'the engine imports ssh': [
    { 'lib/converge/a.ts': "import { connect } from '../transport/ssh/connect.ts'" },
    [/lib\/converge\/ may not import lib\/transport\/ssh\/connect\.ts/],
  ],
  'the inventory names a type of the transport': [
    { 'lib/inventory/a.ts': "import type { Session } from '../transport/session.ts'" },
    [/lib\/inventory\/ may not import lib\/transport\/session\.ts/],
  ],
  'a cycle of types': [
    { 'lib/a.ts': "import type { B } from './b.ts'", 'lib/b.ts': "import { a } from './a.ts'" },
    [/a cycle: lib\/a\.ts -> lib\/b\.ts -> lib\/a\.ts/],
  ],
  'a cycle of three': [
    {
      'lib/a.ts': "import './b.ts'",
      'lib/b.ts': "import './c.ts'",
      'lib/c.ts': "import { a } from './a.ts'",
    },
    [/a cycle: lib\/a\.ts -> lib\/b\.ts -> lib\/c\.ts -> lib\/a\.ts/],
  ],
}

for (const [name, [modules, expected]] of Object.entries(planted))
  test(`found: ${name}`, () => {
    const found = findViolations(new Map(Object.entries(modules)))
    assert.is(found.length, expected.length, found.join('\n'))
    expected.forEach((pattern, i) => {
      assert.match(found[i] ?? '', pattern)
    })
  })

test('what is allowed is not found', () => {
  const allowed = {
    'playbooks/a.ts': "import { b } from '../roles/b/index.ts'\nconsole.log(1)",
    'roles/b/index.ts':
      "import { file } from '../../lib/operations/file.ts'\nimport type { Host } from '../../lib/inventory/host.ts'\nimport { c } from './c.ts'",
    'roles/b/c.ts': "import { sh } from '../../lib/sh.ts'",
    'lib/operations/file.ts':
      "import { operation } from '../operation.ts'\nimport { isIP, isIPv6 } from 'node:net'\nimport { compose } from '../compose/render.ts'",
    'lib/operation.ts': "import type { Sh } from './sh.ts'",
    'lib/sh.ts': "// import './operation.ts'\n/** console.log(1), import('ssh2') */",
    'lib/transport/shell.ts':
      "import { sh } from '../sh.ts'\nimport type { Output } from '../operation.ts'",
    'lib/converge/plan.ts':
      "import { Unknown } from '../operation.ts'\nimport { probe } from '../transport/probe.ts'",
    'lib/compose/render.ts': "import { stringify } from 'yaml'",
    'lib/transport/ssh/open.ts': "import { NodeSSH } from 'node-ssh'",
    'lib/report/print.ts': "process.stdout.write('x')",
    'lib/inventory/host.ts': "import { readFileSync } from 'node:fs'",
  }
  assert.equal(findViolations(new Map(Object.entries(allowed))), [])
})

test('a file of 251 lines is too long, one of 250 is not', () => {
  const lines = (n: number): string => 'x\n'.repeat(n)
  assert.equal(
    findLongFiles(
      new Map([
        ['lib/a.ts', lines(251)],
        ['lib/b.ts', lines(250)],
        ['test/c.ts', lines(900)],
      ]),
    ),
    ['lib/a.ts: 251 lines, 250 at most'],
  )
})

test('an operation without its test is named', () => {
  assert.equal(
    findUntested([
      'lib/operations/a.ts',
      'lib/operations/file/p.ts',
      'lib/operations/b.ts',
      'test/lib/operations/b.test.ts',
    ]),
    ['lib/operations/a.ts: its test test/lib/operations/a.test.ts is missing'],
  )
})

test.run()
