import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { formatWaiting, reportWaiting } from '../../../lib/adhoc/progress.ts'
import { waitUntil } from '../../support/run-playbook.ts'

const rows: Readonly<Record<string, readonly [open: string[], all: number, line: string]>> = {
  'one of many': [['web7'], 50, 'waiting for 1 of 50: web7'],
  'as many as there is room for': [['a', 'b', 'c', 'd', 'e'], 5, 'waiting for 5 of 5: a b c d e'],
  'more than that': [
    ['a', 'b', 'c', 'd', 'e', 'f', 'g'],
    9,
    'waiting for 7 of 9: a b c d e and 2 more',
  ],
}
for (const [title, [open, all, line]] of Object.entries(rows))
  test(`the line: ${title}`, () => assert.is(formatWaiting(open, all), line))

test('a host that has answered leaves the line, and nothing is printed after the end', async () => {
  const lines: string[] = []
  const wait = reportWaiting(['a', 'b'], line => void lines.push(line), 5)
  wait.heard('a')
  await waitUntil('it was said twice', () => lines.length >= 2, 30)
  wait.end()
  const said = lines.length
  await new Promise(resolve => setTimeout(resolve, 50))
  assert.equal([lines.length, ...new Set(lines)], [said, 'waiting for 1 of 2: b'])
})

test.run()
