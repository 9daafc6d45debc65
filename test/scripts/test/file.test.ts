import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { type FileResult, runFile, timeLimit } from '../../../scripts/test/file.ts'

const folder = mkdtempSync(join(tmpdir(), 'runner-'))
symlinkSync(resolve('node_modules'), join(folder, 'node_modules'))
writeFileSync(join(folder, 'package.json'), '{"type": "module"}')
test.after(() => rmSync(folder, { recursive: true }))

const skipFile = resolve('scripts/test/skip.ts')
const head = "import { suite, test } from 'uvu'\nvoid suite\n"

const run = (source: string, first = ''): Promise<FileResult> => {
  const file = join(folder, `${Math.random().toString(36).slice(2)}.test.ts`)
  writeFileSync(file, `${first}${head}${source}\n`)
  return runFile(file, new AbortController().signal)
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
    '// time limit: 2 s\n',
  )
  assert.is(report.failed, 1)
  assert.match(report.problems.join(), 'the time limit of 2 s passed, in the test "stuck"')
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

test('the time limit is what the first line declares', () => {
  assert.is(timeLimit('test/lib/a.test.ts', '// time limit: 600 s\nimport'), 600)
  assert.is(timeLimit('test/lib/a.test.ts', 'import'), 120)
  assert.is(timeLimit('test/live/a.test.ts', 'import'), 600)
})

test.run()
