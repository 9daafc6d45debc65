import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { buildReport, findUnrunSuites, type SuiteResult } from '../../../scripts/test/report.ts'

const one = (result: SuiteResult, skips: readonly string[] = []) => buildReport([{ result, skips }])
const failure = (name: string, message: string) => `   FAIL  "${name}"\n    ${message}\n\n`
const numbers = (report: ReturnType<typeof buildReport>) => [
  report.passed,
  report.failed,
  report.skipped.length,
]

const rows: Record<string, [ReturnType<typeof buildReport>, number[], string?]> = {
  'all passed': [one([true, 3, 0, 3]), [3, 0, 0]],
  'one failed': [one([failure('a', 'boom'), 2, 0, 3]), [2, 1, 0]],
  'one skipped, one failed': [
    one([`${failure('a', 'skipped: no sshd')}\n${failure('b', 'boom')}`, 1, 0, 3], ['no sshd']),
    [1, 1, 1],
  ],
  'a failure in a named suite': [one(['   FAIL  sh  "a"\n    boom\n\n', 0, 0, 1]), [0, 1, 0]],
  'a skip in a named suite': [
    one(['   FAIL  sh  "a "b""\n    skipped: no sshd\n\n', 0, 0, 1], ['no sshd']),
    [0, 0, 1],
  ],
  'no suite': [buildReport([]), [0, 1, 0], 'no suite ran'],
  'no test': [one([true, 0, 0, 0]), [0, 1, 0], 'no test'],
  'a hook threw': [one([true, 1, 0, 3]), [1, 2, 0], '2 tests not run: a hook threw'],
  'a hook skipped the suite': [one([true, 0, 0, 3], ['no lab']), [0, 0, 3]],
  'left out by test.only': [one([true, 1, 4, 1]), [1, 4, 0], '4 tests left out without a reason'],
}

for (const [name, [report, expected, problem]] of Object.entries(rows))
  test(name, () => {
    assert.equal(numbers(report), expected)
    if (problem) assert.match(report.problems.join(), problem)
    else assert.equal(report.problems, [])
  })

test('the account of a skip is not shown among the failures', () => {
  const report = one(
    [`${failure('a', 'skipped: no sshd')}\n${failure('b', 'boom')}`, 0, 0, 2],
    ['no sshd'],
  )
  assert.equal(report.skipped, [{ test: 'a', reason: 'no sshd' }])
  assert.not.match(report.errors, 'no sshd')
  assert.match(report.errors, 'boom')
})

test('a named suite that never runs is found in the text', () => {
  assert.equal(findUnrunSuites("const a = suite('a')\nconst b = suite('b')\na.run()\n"), ['b'])
  assert.equal(findUnrunSuites("test('x', () => {})\ntest.run()\n"), [])
})

test.run()
