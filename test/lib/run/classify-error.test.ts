import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { HostsFailed, ScriptError } from '../../../lib/errors/script-error.ts'
import { classifyError } from '../../../lib/run/exit-code.ts'
import { CommandError } from '../../../lib/run/remote/output.ts'
import { WaitTimeout } from '../../../lib/run/wait-until.ts'
import { Unreachable } from '../../../lib/transport/connection.ts'
import { BecomeError } from '../../../lib/transport/ssh/sudo.ts'

const rows: Record<string, [error: unknown, threw: boolean, results: string[]]> = {
  nothing: [undefined, false, []],
  'a command that failed': [
    new CommandError({ host: 'h', command: 'false', why: 'exit 1' }),
    false,
    ['failed'],
  ],
  'a login that may not become root': [
    new BecomeError('h', 'wrong sudo password'),
    false,
    ['failed'],
  ],
  'what did not come in time': [new WaitTimeout('x'), false, ['failed']],
  'a lost link': [new Unreachable('h', 'lost'), false, ['unreachable']],
  'too many hosts, which failed themselves': [new HostsFailed('x'), false, []],
  'bad input': [new ScriptError('x'), true, []],
  'a fault of the script': [new TypeError('x'), true, []],
}
for (const [name, [error, threw, results]] of Object.entries(rows))
  test(`a script that ends with ${name}`, () => {
    const end = classifyError(error)
    assert.equal([end.threw, end.results.map(({ result }) => result)], [threw, results])
  })

const hosts: [error: unknown, host: string | undefined][] = [
  [new CommandError({ host: 'web1', command: 'false', why: 'exit 1' }), 'web1'],
  [new Unreachable('web2', 'lost'), 'web2'],
  [new WaitTimeout('x'), undefined],
  [Object.assign(new WaitTimeout('x'), { host: 5 }), undefined],
]
for (const [error, host] of hosts)
  test(`the recap names the host of the error, if it has one: ${error}`, () =>
    assert.equal(classifyError(error), {
      threw: false,
      ...(host === undefined ? {} : { host }),
      results: [{ result: error instanceof Unreachable ? 'unreachable' : 'failed', outcomes: [] }],
    }))

test.run()
