import { execFile } from 'node:child_process'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { requirePrograms } from '../../scripts/test/skip.ts'
import {
  parseEvents,
  readOutcomes,
  root,
  runPlaybook,
  zxArguments,
} from '../support/run-playbook.ts'
import { type StepTraces, traceSteps } from '../support/step-traces.ts'
import { openTerminal } from '../support/terminal.ts'

let one: StepTraces
test.before(() => {
  one = traceSteps('old-one')
})
test.after.each(() => one.clean())
test.after(() => one?.host.end())

const whole = ['begin one', 'end one', 'begin two', 'end two', 'begin three', 'end three']
const flags = (...more: readonly string[]): string[] => [
  '--lab',
  '-l',
  'old-one',
  '--dir',
  one.dir,
  ...more,
]

/** Runs it under a shell that connects its streams; the code is the playbook's own. */
const under = (
  streams: string,
  ...more: readonly string[]
): Promise<{ readonly code: string; readonly stdout: string }> =>
  new Promise(resolve => {
    const script = `{ "$0" "$@" ; echo "code $?" >&9; } ${streams}`
    const words = [
      process.execPath,
      ...zxArguments('test/fixtures/playbooks/steps.ts'),
      ...flags(...more),
    ]
    execFile('sh', ['-c', `exec 9>&2; ${script}`, ...words], { cwd: root }, (_, stdout, stderr) =>
      resolve({ code: /code (\d+)/.exec(stderr)?.[1] ?? stderr, stdout }),
    )
  })

test('a reader that goes away does not end the run in the middle', async () => {
  const { code, stdout } = await under('| head -n 1', '--work', 'sleep 1')
  assert.equal([code, stdout, one.log()], ['0', 'steps on 1 host\n', whole])
})

for (const streams of ['<&-', '>&-', '<&- >&- 2>&-', '</dev/null', '>/dev/full'])
  test(`with ${streams} it ends well`, async () => {
    assert.equal([(await under(streams)).code, one.log()], ['0', whole])
  })

test('--json: each line is an event, from the first to the last, and nothing else', async () => {
  const { code, stdout, stderr } = await runPlaybook('steps', flags('--json', '-v', '-D'))
  const all = parseEvents(stdout)
  assert.equal(
    [code, stderr, readOutcomes(all, 'old-one')],
    [0, '', ['changed', 'changed', 'changed']],
  )
  assert.equal([all[0]?.type, all.at(-1)?.type], ['run-started', 'run-finished'])
  const times = all.map(event => event.at)
  assert.equal(
    times,
    [...times].sort((a, b) => a - b),
  )
})

test('a pipe gets plain lines without escape codes, and the recap', async () => {
  const { stdout, stderr } = await runPlaybook('steps', flags('-v'))
  assert.is(stderr, '')
  assert.not.match(stdout, /\x1b|\r/)
  assert.match(stdout, /^old-one +changed +\+ step two\b/m)
  assert.match(stdout, /^played steps: 1 host \(1 ok\), 3 changed in /m)
})

/** What a terminal gets with these variables. */
const shown = async (env: Readonly<Record<string, string>>): Promise<string> => {
  requirePrograms('tmux')
  const it = await openTerminal(100)
  try {
    const set = Object.entries(env).map(([name, value]) => `${name}=${value} `)
    it.type(`${set.join('')}npx zx test/fixtures/playbooks/steps.ts ${flags().join(' ')}`)
    await it.shows(/played steps: 1 host .* in /)
    return it.bytes().slice(it.bytes().indexOf('steps.ts'))
  } finally {
    it.close()
  }
}

test('a terminal gets rows in color that are drawn anew, and its cursor back', async () => {
  const bytes = await shown({})
  assert.match(bytes, /\x1b\[3\dm/)
  assert.ok(bytes.lastIndexOf('\x1b[?25h') > bytes.lastIndexOf('\x1b[?25l'))
})
test('NO_COLOR: no color', async () =>
  assert.not.match(await shown({ NO_COLOR: '1' }), /\x1b\[[34]\dm/))
test('CI: plain lines, nothing is drawn anew', async () => {
  const bytes = await shown({ CI: 'true' })
  assert.match(bytes, /old-one +changed +\+ step two/)
  assert.not.match(bytes, /\x1b\[\?25l|\x1b\[\d*A/)
})

test.run()
