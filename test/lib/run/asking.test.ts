import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { requirePrograms } from '../../../scripts/test/skip.ts'
import { type Loopback, startLoopback } from '../../support/loopback.ts'
import {
  interruptTwice,
  listRecords,
  parseEvents,
  runPlaybook,
  startPlaybook,
  waitUntil,
} from '../../support/run-playbook.ts'
import { openTerminal, type Terminal } from '../../support/terminal.ts'

let hosts: Loopback
test.before(async () => {
  hosts = await startLoopback(['a', 'b'])
})
test.after(() => hosts?.stop())
test.after.each(() => hosts?.clear())

const flags = (...more: readonly string[]): string[] => [
  '-i',
  hosts.inventory,
  '--dir',
  hosts.folder,
  ...more,
]
const asking = (...more: readonly string[]) => runPlaybook('asking', flags(...more))

test('commands of a playbook are told, and what is quiet is in the record only', async () => {
  const [plain, json] = await Promise.all([
    asking('--command', 'echo hi; exit 0', '-v'),
    asking('-l', 'a', '--json'),
  ])
  assert.is(plain.code, 0, plain.stderr)
  assert.match(plain.stdout, /^a +ran +cd \S+; echo hi; exit 0/m)
  assert.match(plain.stdout, /^b +\| +hi$/m)
  assert.not.match(plain.stdout, /uname/)
  assert.match(plain.stdout, /a is Linux/)
  assert.ok(
    parseEvents(json.stdout).some(
      event =>
        event.type === 'command' &&
        event.command === 'uname -s' &&
        event.quiet &&
        event.outcome === 'ran',
    ),
  )
})

test('a failed command ends the playbook with code 2, and is named with its host', async () => {
  const { code, stdout, stderr } = await asking('--command', 'echo no >&2; exit 3')
  assert.is(code, 2)
  assert.match(stderr, /^a: cd \S+; echo no >&2; exit 3: exit 3\nno$/m)
  assert.not.match(stderr, /\n +at /, 'no stack')
  assert.match(stdout, /^a +failed +cd .*\(exit 3\)/m)
  const recap = stdout.slice(stdout.lastIndexOf('\nfailed\n'))
  assert.match(recap, /^failed\n {2}a: failed\n {4}a: cd [^\n]*exit 3\n {4}no\n/m)
  assert.match(recap, /1 host \(1 failed\)/)
  const [junit, page] = ['junit.xml', 'report.html'].map(name =>
    readFileSync(join(listRecords('asking').at(-1) ?? '', name), 'utf8'),
  )
  assert.match(junit ?? '', /<testsuite name="a" tests="1" failures="1" errors="0"/)
  assert.match(junit ?? '', /<testcase classname="command" name="cd [^"]*exit 3"[^>]*><failure /)
  assert.match(page ?? '', /<title>failed: /)
  assert.match(page ?? '', /<h2 id="commands">Commands<\/h2>[\s\S]*exit 3<\/code><pre>no<\/pre>/)
})

test('a note is told once', async () => {
  const { stdout } = await asking('-l', 'a')
  assert.is(stdout.match(/a is Linux/g)?.length, 1, stdout)
})

test('check mode runs what only reads, and says what was not run', async () => {
  const { code, stdout } = await asking('--check', '--command', ': >x')
  assert.is(code, 0)
  assert.match(stdout, /a is Linux/)
  assert.match(stdout.replace(/\s+/g, ' '), /check mode: not run: cd \S+; : >x/)
  assert.equal(hosts.list(''), ['shared'])
})

test('a host that loses its link during a command is unreachable: exit code 4', async () => {
  const run = startPlaybook('asking', flags('-l', 'a', '--command', ': >shared/begun; sleep 8; :'))
  await waitUntil('the command runs', () => hosts.list('shared').includes('begun'))
  for (const pid of await hosts.sshd.sessions()) process.kill(pid, 'SIGKILL')
  const { code, stderr } = await run.ended
  assert.is(code, 4)
  assert.match(stderr, /^a: the link was lost while cd .* was running; its outcome is unknown/)
  assert.not.match(stderr, /\n +at /, 'no stack')
})

const held = (): string =>
  `: >shared/begun; while [ ! -e ${hosts.folder}/go ]; do sleep 0.2; done; : >shared/done`

test('Ctrl-C once lets the running command end, and no other is run', async () => {
  const run = startPlaybook('asking', flags('--command', held()))
  await waitUntil('the command runs', () => hosts.list('shared').includes('begun'))
  run.kill('SIGINT')
  await waitUntil('it is heard', () => /press Ctrl-C again/.test(run.output()))
  writeFileSync(join(hosts.folder, 'go'), '')
  const { code, stdout, stderr } = await run.ended
  assert.equal([code, stderr, hosts.list('shared')], [130, 'interrupted\n', ['begun', 'done']])
  assert.match(stdout, /^a +ran /m)
  assert.not.match(stdout, /^b +ran /m)
})

test('Ctrl-C twice ends the running command', async () => {
  const run = startPlaybook('asking', flags('--command', held()))
  await waitUntil('the command runs', () => hosts.list('shared').includes('begun'))
  await interruptTwice(run)
  const { code, stderr } = await run.ended
  assert.is(code, 130)
  assert.match(stderr, /^a: .*: ended by SIG(TERM|KILL)/)
  assert.equal(hosts.list('shared'), ['begun'])
})

test('waiting: not in time is a failure that says what for', async () => {
  const { code, stderr } = await asking('-l', 'a', '--wait')
  assert.is(code, 2)
  assert.match(stderr, /^a goes: not within 3 s: a: test -e \S+\/go: exit 1$/m)
})

test('a question: -y answers it; where nobody can be asked, the error names -y', async () => {
  const [without, yes] = await Promise.all([asking('--ask'), asking('--ask', '-y')])
  assert.equal([without.code, yes.code], [1, 0])
  assert.match(
    without.stderr,
    /^Go on\? There is no terminal to ask on\n {2}Give -y to answer yes\.$/m,
  )
  assert.not.match(without.stdout, /is Linux/)
})

const inTerminal = async (body: (it: Terminal) => Promise<void>): Promise<void> => {
  requirePrograms('tmux')
  const it = await openTerminal(100)
  try {
    await body(it)
  } finally {
    it.close()
  }
}
const typed = (playbook: string, ...more: readonly string[]): string =>
  `npx zx test/fixtures/playbooks/${playbook}.ts ${flags(...more).join(' ')}; echo "ended with $?"`

test('on a terminal a question is asked, and no is no', () =>
  inTerminal(async it => {
    it.type(typed('asking', '--ask'))
    await it.shows(/Go on\?/, 60)
    it.press('Enter')
    await it.shows(/ended with 0/, 60)
    assert.not.match(it.screen(), /is Linux/)
  }))

test('a word that must be typed: -y does not answer it, --confirm WORD does', async () => {
  const word = (...more: readonly string[]) => asking('--type', 'old-prod', ...more)
  const [without, yes, wrong, right, check] = await Promise.all([
    word(),
    word('-y'),
    word('--confirm', 'new-prod', '-y'),
    word('--confirm', 'new-prod', '--confirm', 'old-prod'),
    word('--check'),
  ])
  const codes = [without, yes, wrong, right, check].map(({ code }) => code)
  assert.equal(codes, [1, 1, 1, 0, 0])
  const next = 'Give --confirm old-prod if that is meant. -y does not answer it.'
  assert.is(yes.stderr, `old-prod loses its data. There is no terminal to ask on\n  ${next}\n`)
  assert.is(
    wrong.stderr,
    `old-prod loses its data. --confirm new-prod does not answer it\n  ${next}\n`,
  )
  for (const { stdout } of [without, yes, wrong]) assert.not.match(stdout, /is Linux/)
})

test('on a terminal the word is typed; another one is refused, and Ctrl-C does nothing', () =>
  inTerminal(async it => {
    it.type(typed('asking', '--type', 'old-prod', '-y'))
    await it.shows(/Type old-prod to continue/, 60)
    it.type('x')
    await it.shows(/Type old-prod, or press Ctrl-C/, 60)
    it.press('BSpace')
    it.type('old-prod')
    await it.shows(/ended with 0/, 60)
    assert.match(it.screen(), /a is Linux/)
    it.type(`clear; ${typed('asking', '--type', 'new-prod')}`)
    await it.shows(/Type new-prod to continue/, 60)
    it.press('C-c')
    await it.shows(/Type new-prod to continue[\s\S]*ended with 0/, 60)
    assert.not.match(it.screen().split('Type new-prod').at(-1) ?? '', /is Linux/)
  }))

test('check mode ends without a failure if a command needs what was not done', async () => {
  const look = ['--look', 'no-such-program', '-l', 'a'] as const
  const [check, counted] = await Promise.all([
    asking(...look, '--check'),
    asking(...look, '--check', '--exit-code'),
  ])
  // Only now: what it changes would no longer be missing in check mode.
  const apply = await asking(...look)
  assert.equal([check.code, counted.code, apply.code], [0, 3, 2])
  assert.match(
    check.stderr,
    /^a: no-such-program: exit 127: check mode: what this run would change before may be missing/m,
  )
})

test('--step: each change is shown and asked for, one by one; no skips it, all asks no more', () =>
  inTerminal(async it => {
    it.type(typed('rolling', '--step', '-l', 'a'))
    await it.shows(/a: step one\?/, 60)
    assert.match(it.screen(), /a: \+ step one\n.*\+ state: done/)
    it.press('Enter')
    await it.shows(/a: step two\?/, 60)
    assert.equal(hosts.list('a'), ['log', 'one'])
    it.press('Down')
    it.press('Enter')
    await it.shows(/a: step three\?/, 60)
    assert.equal(hosts.list('a'), ['log', 'one'])
    for (const key of ['Down', 'Down', 'Enter']) it.press(key)
    await it.shows(/ended with 0/, 60)
    assert.equal(hosts.list('a'), ['log', 'one', 'three'])
    assert.match(it.screen(), /1 host \(1 ok\), 2 changed/)
  }))

for (const [how, keys] of [
  ['quit', ['Up', 'Enter']],
  ['Ctrl-C', ['C-c']],
] as const)
  test(`--step: ${how} makes no other change on any host, and the terminal is as it was`, () =>
    inTerminal(async it => {
      const before = it.state()
      it.type(typed('rolling', '--step'))
      await it.shows(/[ab]: step one\?/, 60)
      for (const key of keys) it.press(key)
      await it.shows(/ended with 130/, 60)
      assert.equal([hosts.list('a'), hosts.list('b'), it.state()], [[], [], before])
      assert.match(it.screen(), /interrupted rolling: 2 hosts \(2 interrupted\), 0 changed/)
    }))

test('--step without a terminal names -y, which makes the changes one by one', async () => {
  const [refused, done] = await Promise.all([
    runPlaybook('rolling', flags('--step')),
    runPlaybook('rolling', flags('--step', '-y', '--json')),
  ])
  assert.is(refused.code, 1)
  assert.match(refused.stderr, /^--step: nobody can be asked here\n {2}Give -y/m)
  assert.is(done.code, 0)
  const rounds = parseEvents(done.stdout).flatMap(event =>
    event.type === 'round-started' && event.host === 'a' ? [event.changes] : [],
  )
  assert.equal(rounds, [0, 1, 1, 0, 1])
})

test.run()
