import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { emptyReport, type FileReport } from '../../../scripts/test/report.ts'
import type { FileResult } from '../../../scripts/test/run-file.ts'
import { formatFile, formatSummary } from '../../../scripts/test/summary.ts'

const result = (
  file: string,
  report: Partial<FileReport>,
  over: Partial<FileResult> = {},
): FileResult => ({
  file,
  report: { ...emptyReport, ...report },
  ms: 1234,
  output: '',
  open: [],
  ...over,
})
const good = result('test/a.test.ts', { passed: 3 })
const bad = result(
  'test/b.test.ts',
  {
    passed: 1,
    failed: 2,
    problems: ['a hook threw'],
    errors: '   FAIL  "x"\n    1 and 2 differ  (equal)\n',
  },
  { output: 'all of it\n' },
)
const skipping = result(
  'test/c.test.ts',
  { skipped: ['x', 'y'].map(test => ({ test, reason: 'no sshd' })) },
  { open: ['PipeWrap', 'PipeWrap'] },
)

test('a good file is one line, and its output is not shown', () => {
  assert.is(formatFile({ ...good, output: 'noise' }), 'ok    test/a.test.ts  3 passed  1.2 s')
})

test('a failing file shows its problems, failures and all of its output', () => {
  assert.equal(formatFile(bad).split('\n').slice(0, 3), [
    'FAIL  test/b.test.ts  1 passed, 2 failed  1.2 s',
    '      a hook threw',
    '   FAIL  "x"',
  ])
  assert.match(formatFile(bad), 'all of it\n')
})

test('the end names reasons, open handles and failing files, and ends with the counts', () => {
  assert.equal(formatSummary([good, bad, skipping]), [
    'left handles open:',
    '  test/c.test.ts  2 PipeWrap',
    '',
    'skipped:',
    '  2  no sshd',
    '',
    'failed:',
    '  test/b.test.ts',
    '    a hook threw',
    '    "x": 1 and 2 differ (equal)',
    '',
    '4 passed, 2 failed, 2 skipped',
  ])
})

test('unexpected skips and unused entries of the list are named', () => {
  const lines = formatSummary([skipping], {
    unexpected: [{ file: 'test/c.test.ts', test: 'x', reason: 'no sshd' }],
    unused: [{ reason: /^no lab$/, when: 'the lab is down' }],
  })
  assert.ok(lines.includes('  test/c.test.ts  x: no sshd'), lines.join('\n'))
  assert.ok(lines.includes('  ^no lab$  (the lab is down)'), lines.join('\n'))
})

test('the ten slowest files are named if there are many', () => {
  const many = Array.from({ length: 12 }, (_, i) => result(`test/${i}.test.ts`, { passed: 1 }))
  assert.is(formatSummary(many).filter(line => line.startsWith('  test/')).length, 10)
})

test('the slowest file comes first', () => {
  const lines = formatSummary(
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
