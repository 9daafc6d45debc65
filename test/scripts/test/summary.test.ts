import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { FileResult } from '../../../scripts/test/file.ts'
import { nothing, type Report } from '../../../scripts/test/report.ts'
import { fileLines, summary } from '../../../scripts/test/summary.ts'

const result = (
  file: string,
  report: Partial<Report>,
  over: Partial<FileResult> = {},
): FileResult => ({
  file,
  report: { ...nothing, ...report },
  ms: 1234,
  output: '',
  open: [],
  ...over,
})
const good = result('test/a.test.ts', { passed: 3 })
const bad = result(
  'test/b.test.ts',
  { passed: 1, failed: 2, problems: ['a hook threw'], errors: '   FAIL  "x"\n' },
  { output: 'all of it\n' },
)
const skipping = result(
  'test/c.test.ts',
  { skipped: ['x', 'y'].map(test => ({ test, reason: 'no sshd' })) },
  { open: ['PipeWrap', 'PipeWrap'] },
)

test('a good file is one line, and its output is not shown', () => {
  assert.is(fileLines({ ...good, output: 'noise' }), 'ok    test/a.test.ts  3 passed  1.2 s')
})

test('a failing file shows its problems, failures and all of its output', () => {
  assert.equal(fileLines(bad).split('\n').slice(0, 3), [
    'FAIL  test/b.test.ts  1 passed, 2 failed  1.2 s',
    '      a hook threw',
    '   FAIL  "x"',
  ])
  assert.match(fileLines(bad), 'all of it\n')
})

test('the end names reasons, open handles and failing files, and its last line is the counts', () => {
  assert.equal(summary([good, bad, skipping]), [
    'left handles open:',
    '  test/c.test.ts  2 PipeWrap',
    '',
    'skipped:',
    '  2  no sshd',
    '',
    'failed:',
    '  test/b.test.ts',
    '',
    '4 passed, 2 failed, 2 skipped',
  ])
})

test('the slowest files are named where there are many', () => {
  const lines = summary(
    [1, 5, 3, 2].map(s => result(`test/${s}.test.ts`, { passed: 1 }, { ms: s * 1000 })),
  )
  assert.equal(lines.slice(0, 4), [
    'slowest:',
    '  test/5.test.ts  5.0 s',
    '  test/3.test.ts  3.0 s',
    '  test/2.test.ts  2.0 s',
  ])
})

test.run()
