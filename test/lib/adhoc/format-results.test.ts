import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { formatResults } from '../../../lib/adhoc/format-results.ts'
import type { CommandResult } from '../../../lib/adhoc/run-on-host.ts'
import { createPaint } from '../../../lib/report/style.ts'

const said = (host: string, stdout: string, exitCode = 0, stderr = ''): CommandResult => ({
  host,
  is: 'ended',
  exitCode,
  stdout,
  stderr,
})
const gone: CommandResult = {
  host: 'web3',
  is: 'unreachable',
  error: { message: 'web3: no route to host', next: 'is it on?' },
}

const rows: Record<string, [CommandResult[], string]> = {
  'one host: what it said and no more': [[said('web1', 'a\nb\n')], 'a\nb'],
  'one host that failed': [[said('web1', '', 3, 'no\n')], 'no\nweb1: exit 3'],
  'all the same': [[said('web1', 'a\n'), said('web2', 'a\n')], 'all 2 hosts\n  a\n\n2 ok'],
  'each another': [
    [said('web1', 'a\n\nb\n'), said('db', 'c')],
    'web1  a\nweb1\nweb1  b\ndb    c\n\n2 ok',
  ],
  'some the same, one silent, one gone': [
    [said('web1', 'a\n'), said('web2', 'a\n'), said('db', ''), gone],
    'web1 web2\n  a\ndb    (no output)\nweb3  unreachable: web3: no route to host: next: is it on?\n\n3 ok, unreachable: web3',
  ],
  'several that failed alike': [
    [said('web1', 'x\n', 2, 'y\n'), said('web2', 'x\n', 2, 'y\n'), said('web3', 'x\n')],
    'web1 web2\n  x\n  y\n  exit 2\nweb3  x\n\n1 ok, exit 2: web1 web2',
  ],
  'what steers a terminal is shown, not done': [[said('web1', '\x1b[2Jgone\r\n')], '␛[2Jgone'],
  nobody: [[], ''],
}
for (const [title, [answers, text]] of Object.entries(rows))
  test(title, () => assert.is(formatResults(answers, createPaint(false)).join('\n'), text))

test.run()
