import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { findTimeLimit } from '../../../scripts/test/requirements.ts'
import { type FileResult, runFile } from '../../../scripts/test/run-file.ts'

const folder = mkdtempSync(join(tmpdir(), 'runner-'))
symlinkSync(resolve('node_modules'), join(folder, 'node_modules'))
writeFileSync(join(folder, 'package.json'), '{"type": "module"}')
test.after(() => rmSync(folder, { recursive: true }))

const skipFile = resolve('scripts/test/skip.ts')
const head = "import { suite, test } from 'uvu'\nvoid suite\n"

const run = (source: string, seconds?: number): Promise<FileResult> => {
  const file = join(folder, `${Math.random().toString(36).slice(2)}.test.ts`)
  writeFileSync(file, `${head}${source}\n`)
  return runFile(file, new AbortController().signal, seconds)
}

/** source of a test file -> passed, failed, skipped, and what its problems or errors say */
const rows: Record<string, [string, [number, number, number], RegExp?]> = {
  'a good file': ["test('a', () => {})\ntest.run()", [1, 0, 0]],
  'a failing test': [
    "test('a', () => { throw new Error('boom') })\ntest('b', () => {})\ntest.run()",
    [1, 1, 0],
    /boom/,
  ],
  'a file that breaks while it loads': [
    "throw new Error('boom')",
    [0, 1, 0],
    /exit code 1, before its first test/,
  ],
  'a process that ends in mid test with exit code 0': [
    "test('a', () => process.exit(0))\ntest.run()",
    [0, 1, 0],
    /exit code 0, in the test "a"/,
  ],
  'a forgotten test.run()': ["test('a', () => {})", [1, 1, 0], /test\.run\(\) is missing/],
  'tests after test.run()': [
    "test('a', () => {})\ntest.run()\ntest('b', () => {})",
    [2, 1, 0],
    /test\.run\(\) is missing/,
  ],
  'a suite that never runs': [
    "const s = suite('s')\ns('a', () => {})\ntest('b', () => {})\ntest.run()",
    [1, 1, 0],
    /suite s is never run/,
  ],
  'a hook that throws': [
    "test.before(() => { throw new Error('no database') })\ntest('a', () => {})\ntest.run()",
    [0, 1, 0],
    /no database/,
  ],
  'a rejection after the tests': [
    "test('a', () => { setTimeout(() => { throw new Error('late') }, 300) })\ntest.run()",
    [1, 1, 0],
    /exit code 1 after its tests/,
  ],
  'a skip with its reason': [
    `import { skip } from '${skipFile}'\ntest('a', () => skip('no sshd here'))\ntest('b', () => {})\ntest.run()`,
    [1, 0, 1],
  ],
  'a skipped suite': [
    `import { skip } from '${skipFile}'\ntest.before(() => skip('no lab'))\ntest('a', () => {})\ntest.run()`,
    [0, 0, 1],
  ],
}

for (const [name, [source, counts, says]] of Object.entries(rows))
  test(name, async () => {
    const { report, output } = await run(source)
    assert.equal(
      [report.passed, report.failed, report.skipped.length],
      counts,
      JSON.stringify(report) + output,
    )
    if (says) assert.match(report.problems.join('\n') + report.errors, says)
    else assert.equal(report.problems, [])
  })

test('a file past its time limit ends with the test that it was in', async () => {
  const { report } = await run(
    "test('stuck', () => new Promise(() => { setInterval(() => {}, 1000) }))\ntest.run()",
    6,
  )
  assert.is(report.failed, 1)
  assert.match(report.problems.join(), 'the time limit of 6 s passed, in the test "stuck"')
})

test('open handles are named and do not hold the run', async () => {
  const { report, open } = await run(
    "import { createServer } from 'node:net'\ntest('a', () => { createServer().listen(0) })\ntest.run()",
  )
  assert.equal([report.passed, report.failed], [1, 0])
  assert.ok(open.includes('TCPServerWrap'), open.join())
})

test('the output of a file is kept', async () => {
  assert.match(
    (await run("test('a', () => { console.log('heard'); console.error('too') })\ntest.run()"))
      .output,
    /heard\n(.|\n)*too/,
  )
})

test('a run that was interrupted before a file began ends the file', async () => {
  const file = join(folder, 'stopped.test.ts')
  writeFileSync(file, `${head}test('a', () => {})\nsetInterval(() => {}, 1000)\ntest.run()\n`)
  const { report } = await runFile(file, AbortSignal.abort(), 20)
  assert.match(report.problems.join(), 'interrupted')
})

test('the time limit is that of the table, or the default', () => {
  assert.is(findTimeLimit('test/lib/operations/matrix.test.ts'), 600)
  assert.is(findTimeLimit('test/lib/a.test.ts'), 120)
  assert.is(findTimeLimit('test/live/a.test.ts'), 600)
})

test.run()
