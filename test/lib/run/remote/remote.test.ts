import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { ScriptError } from '../../../../lib/errors/script-error.ts'
import type { EventBody } from '../../../../lib/events.ts'
import type { CommandSettings } from '../../../../lib/run/remote/command.ts'
import { parseDuration } from '../../../../lib/run/remote/duration.ts'
import { CommandError, type CommandOutput } from '../../../../lib/run/remote/output.ts'
import { openRemote } from '../../../../lib/run/remote/remote.ts'
import { Secret } from '../../../../lib/secret.ts'
import { Unreachable } from '../../../../lib/transport/connection.ts'
import { type Connector, Session } from '../../../../lib/transport/session.ts'
import { waitUntil } from '../../../support/run-playbook.ts'
import { localReach, SHELLS } from '../../../support/shells.ts'

const redact = (text: string): string => text.replaceAll('hunter2', '(secret x)')

/** A host that is this machine, and what was told of it. */
const here = (way: Connector, not: (wish: CommandSettings) => string | null = () => null) => {
  const told: EventBody[] = []
  const session = new Session(way)
  const { $ } = openRemote({ session, emit: event => told.push(event), redact, explainSkip: not })
  return { $, session, told }
}
const failure = async (command: PromiseLike<CommandOutput>): Promise<CommandError> => {
  const error = await command.then(
    output => assert.unreachable(`it gave ${output}`),
    error => error,
  )
  assert.instance(error, CommandError)
  return error as CommandError
}

for (const name of SHELLS) {
  const test = suite(`a host's shell in ${name}`)
  let host: ReturnType<typeof here>
  test.before(() => {
    host = here(localReach(name))
  })
  test.after(() => host.session.end())

  test('what it prints, as text, lines, JSON and bytes', async () => {
    const { $ } = host
    assert.is(await $`echo ${"it's"}; echo \$HOME`.text(), "it's\n$HOME\n")
    assert.equal(await $`printf 'a\nb\n\n'`.lines(), ['a', 'b', ''])
    assert.equal(await $`:`.lines(), [])
    assert.equal(await $`echo ${'{"a": [1]}'}`.json(), { a: [1] })
    assert.equal([...(await $`printf '\377\000x'`).buffer()], [255, 0, 120])
    assert.is((await $`head -c 10485760 /dev/zero`).buffer().length, 10_485_760)
    const both = await $`echo out; echo err >&2`
    assert.equal(
      [both.exitCode, both.ok, both.stdout, both.stderr, `${both}`],
      [0, true, 'out\n', 'err\n', 'out\n'],
    )
  })

  test('an exit code is an error that names host and command, or a result', async () => {
    const { $ } = host
    const error = await failure($`echo no >&2; exit 3`)
    assert.is(error.message, 'here: echo no >&2; exit 3: exit 3\nno')
    assert.equal([error.exitCode, error.output?.stderr], [3, 'no\n'])
    assert.is((await $`exit 3`.nothrow()).exitCode, 3)
    assert.is(await $`exit 4`.exitCode, 4)
    assert.is((await $({ nothrow: true })`false`).ok, false)
  })

  test('stdin: text, bytes and secrets; without it there is none', async () => {
    const { $ } = host
    const stdin = ['a', Buffer.from([0, 255]), new Secret('s3cret', 'word')]
    assert.equal(
      (await $({ stdin })`cat`).buffer(),
      Buffer.concat([Buffer.from('a'), Buffer.from([0, 255]), Buffer.from('s3cret')]),
    )
    assert.is(await $`cat`.text(), '')
    assert.is(
      await $({ stdin: 'x'.repeat(200_000) })`wc -c`.text().then(text => text.trim()),
      '200000',
    )
  })

  test('a deadline ends it with all its children, and says so', async () => {
    const error = await failure(host.$`sleep 61.7 & sleep 62.7`.timeout('1s'))
    assert.match(error.message, /sleep 61\.7 & sleep 62\.7: not done within 1 s, and ended/)
    // They have been killed; on a busy machine a process takes a moment to be gone.
    await waitUntil('its children are gone', async () => {
      const running = await host.$`ps -A -o args= 2>/dev/null || ps -o args`.text()
      return !/^sleep 6[12]\.7/m.test(running)
    })
  })

  test('several at a time, from / as every change', async () => {
    const { $ } = host
    assert.equal(
      await Promise.all([1, 2, 3].map(n => $`pwd; echo ${n}; umask`.lines())),
      [1, 2, 3].map(n => ['/', `${n}`, '0077']),
    )
  })

  test.run()
}

const test = suite("a host's shell")

test('the report has its end and its output, without secrets, also if it is quiet', async () => {
  const { $, session, told } = here(localReach('dash'))
  const secret = new Secret('f00lish', 'given')
  await $({ quiet: true, stdin: secret })`cat; echo ${'hunter2'}`
  const error = await failure($({ stdin: secret })`cat >&2; echo hunter2 >&2; exit 1`)
  await session.end()
  const shown = JSON.stringify(told) + error.message + String(error) + JSON.stringify(error)
  assert.not.match(shown, /hunter2|f00lish/)
  assert.match(error.message, /\(secret given\)\(secret x\)/)
  const commands = told.flatMap(event =>
    event.type === 'command' ? [[event.outcome, event.exitCode, event.quiet]] : [],
  )
  assert.equal(commands, [
    ['ran', 0, true],
    ['failed', 1, false],
  ])
})

test('check mode does not run it, and its result says so; a read-only command runs', async () => {
  const { $, session, told } = here(localReach('dash'), ({ reads }) =>
    reads ? null : 'check mode',
  )
  const folder = mkdtempSync(join(tmpdir(), 'brdtest-remote-'))
  const output = await $`touch ${folder}/x`
  assert.not.ok(existsSync(join(folder, 'x')))
  assert.throws(() => output.stdout, /here: touch \S+\/x: check mode: the command was not run/)
  assert.throws(
    () => output.ok,
    (error: unknown) => error instanceof CommandError,
  )
  await failure($`date`.text() as never)
  assert.is(await $({ reads: true })`echo hi`.text(), 'hi\n')
  assert.match(JSON.stringify(told[0]), /check mode: not run: touch/)
  await session.end()
  rmSync(folder, { recursive: true })
})

test('a link that is lost is never a result', async () => {
  let cut = () => {}
  const way = localReach('dash')
  const { $, session, told } = here({
    ...way,
    rootShell: async connection => {
      const process = await way.rootShell(connection)
      cut = process.close
      return process
    },
  })
  const folder = mkdtempSync(join(tmpdir(), 'brdtest-remote-'))
  const running = $`: >${folder}/begun; sleep 30`.nothrow().then(
    () => assert.unreachable() as never,
    (error: unknown) => error,
  )
  await waitUntil('it runs', () => existsSync(join(folder, 'begun')))
  cut()
  const error = await running
  assert.instance(error, Unreachable)
  assert.match(
    (error as Error).message,
    /^here: the link was lost while : >\S+begun; sleep 30 was running; its outcome is unknown/,
  )
  assert.equal(
    told.flatMap(event => (event.type === 'command' ? [event.outcome] : [])),
    ['lost'],
  )
  assert.is(await $`echo again`.text(), 'again\n')
  await session.end()
  rmSync(folder, { recursive: true })
})

test('a second Ctrl-C ends it; no other begins', async () => {
  const { $, session } = here(localReach('dash'))
  const folder = mkdtempSync(join(tmpdir(), 'brdtest-remote-'))
  const running = failure($`: >${folder}/begun; sleep 63.5`)
  await waitUntil('it runs', () => existsSync(join(folder, 'begun')))
  await session.interrupt('stop')
  await session.interrupt('kill')
  assert.match((await running).message, /ended by SIGTERM/)
  assert.instance(await $`:`.catch((error: unknown) => error), ScriptError)
  await session.end()
  rmSync(folder, { recursive: true })
})

test('times are those of zx', () => {
  assert.equal(
    [parseDuration('90s'), parseDuration('5m'), parseDuration('0.5m'), parseDuration('1.2s')],
    [90, 300, 30, 2],
  )
  for (const bad of ['5', '1h', '0s', '-1s'])
    assert.throws(() => parseDuration(bad as '1s'), /is not a duration/)
})

test.run()
