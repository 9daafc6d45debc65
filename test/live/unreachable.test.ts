import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { LabState } from '../../lib/inventory/lab-state.ts'
import { requirePrograms } from '../../scripts/test/skip.ts'
import {
  listRecords,
  makeLabHome,
  parseEvents,
  type RunResult,
  readLab,
  readOutcomes,
  runPlaybook,
  startPlaybook,
} from '../support/run-playbook.ts'
import { generateKey } from '../support/sshd.ts'
import { blockedStep, type StepTraces, traceSteps } from '../support/step-traces.ts'
import { openTerminal } from '../support/terminal.ts'

/** Something is wrong with old-one, never with old-two. */
type Old = Partial<LabState['hosts'][string]>

let one: StepTraces
let two: StepTraces
let folder = ''
test.before(() => {
  one = traceSteps('old-one')
  two = traceSteps('old-two')
  folder = mkdtempSync(join(tmpdir(), 'brdtest-unreachable-'))
})
test.after.each(async () => {
  await one.clean()
  await two.clean()
})
test.after(async () => {
  await one?.host.end()
  await two?.host.end()
  rmSync(folder, { recursive: true, force: true })
})

/** A lab in which old-one is another than it is. */
const home = (old: Old, rest: Partial<LabState> = {}) => {
  const { hosts } = readLab()
  return makeLabHome({ ...rest, hosts: { ...hosts, 'old-one': { ...hosts['old-one']!, ...old } } })
}
const flags = (...more: readonly string[]): string[] => [
  '--lab',
  ...(more.includes('-l') ? [] : ['-l', 'old-one,old-two']),
  '--dir',
  one.dir,
  ...more,
]

/**
 * Plays with old-one out of reach: old-two finishes, every operation has one end, and the run says
 * why. Its output on one line.
 */
const outOfReach = async (old: Old, rest: Partial<LabState> = {}): Promise<string> => {
  const { path, remove } = home(old, rest)
  try {
    const told = await runPlaybook('steps', flags('--json'), { home: path })
    const all = parseEvents(told.stdout)
    assert.equal([told.code, told.stderr], [4, ''])
    assert.equal(
      [readOutcomes(all, 'old-two'), readOutcomes(all, 'old-one')],
      [Array(3).fill('changed'), Array(3).fill('not-reached')],
    )
    assert.not(all.some(event => event.type === 'host-connected' && event.host === 'old-one'))
    assert.equal(one.log(), [], 'nothing was done on it')
    const shown = await runPlaybook('steps', flags(), { home: path })
    assert.is(shown.code, 4)
    return shown.stdout.replace(/\s+/g, ' ')
  } finally {
    remove()
  }
}

test('a host is down: the report has its address and a remedy; the other finishes', async () => {
  const address = readLab().network.subnet.replace(/\d+\/\d+$/, '199')
  const shown = await outOfReach({ address })
  assert.match(
    shown,
    new RegExp(
      `old-one: no route to ${address}:22 next: Is this machine on the right network or VPN, and the host up\\?`,
    ),
  )
})

test('nothing listens on its port', async () => {
  // A firewall that another test has left there would not answer at all.
  const rule = 'INPUT -p tcp --dport 2 -j ACCEPT'
  const change = (how: '-I' | '-D') =>
    one.host.root(`! command -v iptables >/dev/null || iptables ${how} ${rule}`)
  change('-I')
  const shown = await outOfReach({ port: 2 }).finally(() => change('-D'))
  assert.match(
    shown,
    /old-one: connection refused by [\d.]+:2 next: Is sshd running there, on this port\?/,
  )
})

/** known_hosts of the lab with other lines for old-one. */
const knownHosts = (lines: readonly string[]): string => {
  const path = join(folder, 'known_hosts')
  const others = readFileSync(readLab().knownHosts, 'utf8')
    .split('\n')
    .filter(line => !line.startsWith('old-one,'))
  writeFileSync(path, [...lines, ...others].join('\n'))
  return path
}
const fingerprintOf = (file: string): string =>
  execFileSync('ssh-keygen', ['-lf', file], { encoding: 'utf8' }).split(' ')[1] ?? ''
const escaped = (text: string): string => text.replace(/[.+*?()[\]/]/g, '\\$&')

/** The fingerprint of the key that old-one shows, as itself tells it. */
const shownKey = (): string =>
  one.host.root('ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub').split(' ')[1] ?? ''

test('a changed host key: both fingerprints, and the line of known_hosts', async () => {
  const other = join(folder, 'other')
  await generateKey(other)
  const path = knownHosts([
    `${readLab().hosts['old-one']!.address} ${readFileSync(`${other}.pub`, 'utf8').trim()}`,
  ])
  const shown = await outOfReach({}, { knownHosts: path })
  const had = `${escaped(path)}:1 has ssh-ed25519 ${escaped(fingerprintOf(`${other}.pub`))}`
  assert.match(
    shown,
    new RegExp(
      `old-one: host key CHANGED: it shows ssh-ed25519 ${escaped(shownKey())}, but ${had} next: .*enrol\\.ts old-one --replace`,
    ),
  )
})

test('an unknown host key: its fingerprint, and how to enrol it', async () => {
  const shown = await outOfReach({}, { knownHosts: knownHosts([]) })
  assert.match(
    shown,
    new RegExp(
      `old-one: host key unknown: [\\d.]+ shows ssh-ed25519 ${escaped(shownKey())} next: .*enrol\\.ts old-one`,
    ),
  )
})

/** Plays with a user of old-one whose sudo asks for a password. */
const asSudoer = async (
  env: Readonly<Record<string, string>>,
  ...more: readonly string[]
): Promise<RunResult> => {
  const { path, remove } = home({ user: 'ops-password' })
  try {
    return await runPlaybook('steps', flags(...more), { home: path, env })
  } finally {
    remove()
  }
}
const password = (): string => readFileSync(readLab().password, 'utf8').trim()
/** A password that is nobody's, so that it can be looked for everywhere. */
const wrong = 'wrong-0c7f2b61'

test('no sudo password: how to give one; the other host finishes', async () => {
  const { code, stdout } = await asSudoer({})
  assert.is(code, 2)
  assert.match(
    stdout,
    new RegExp(
      'old-one: sudo asks for a password' +
        String.raw`\n\s+next: Give -K to be asked for it once, or set BRD_SUDO_PASSWORD in \.env`,
    ),
  )
  assert.match(stdout, /old-two +- +3 /)
})

test('a wrong sudo password: said, not repeated, and every operation has its end', async () => {
  const { code, stdout, stderr } = await asSudoer({ BRD_SUDO_PASSWORD: wrong }, '--json')
  assert.equal(
    [code, readOutcomes(parseEvents(stdout), 'old-one')],
    [2, Array(3).fill('not-reached')],
  )
  assert.match(stdout, /old-one: wrong sudo password/)
  assert.not.match(stdout + stderr + record(), new RegExp(wrong))
})

/** All that the newest record holds. */
const record = (): string => {
  const newest = listRecords('steps').at(-1) ?? ''
  return readdirSync(newest)
    .map(name => readFileSync(join(newest, name), 'utf8'))
    .join('')
}

test('the right sudo password is in no output, record, command line or environment', async () => {
  const { path, remove } = home({ user: 'ops-password' })
  try {
    const run = startPlaybook(
      'steps',
      flags('-l', 'old-one', '-v', '-D', '--work', `echo "$(env)"; ${blockedStep}`),
      {
        home: path,
        env: { BRD_SUDO_PASSWORD: password() },
      },
    )
    await one.begun('two')
    const there = one.host.root('cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null || :')
    const here = readdirSync('/proc').filter(pid => /^\d+$/.test(pid) && holds(pid, password()))
    assert.match(there, /sudo/)
    assert.not.ok(there.includes(password()))
    assert.equal(here, [String(run.pid)], 'the run itself, which was given it in its environment')
    one.release()
    const { code, stdout, stderr } = await run.ended
    assert.is(code, 0)
    assert.not.ok((stdout + stderr + record()).includes(password()))
  } finally {
    remove()
  }
})

const holds = (pid: string, text: string): boolean => {
  try {
    return ['cmdline', 'environ'].some(file =>
      readFileSync(`/proc/${pid}/${file}`, 'latin1').includes(text),
    )
  } catch {
    return false // it has ended
  }
}

test('-K asks for it once and hides it; without a terminal it says what else to do', async () => {
  requirePrograms('tmux')
  const asked = await asSudoer({}, '-K')
  assert.equal([asked.code, asked.stdout], [1, ''])
  assert.match(
    asked.stderr,
    new RegExp(
      'sudo password, for all hosts: there is no terminal to ask on' +
        String.raw`\n +Set BRD_SUDO_PASSWORD in \.env`,
    ),
  )
  const { path, remove } = home({ user: 'ops-password' })
  const it = await openTerminal(100, { BRD_LAB_HOME: path })
  try {
    it.type(`npx zx test/fixtures/playbooks/steps.ts ${flags('-K').join(' ')}`)
    await it.shows(/sudo password, for all hosts/)
    it.type(password())
    await it.shows(/played steps: 2 hosts \(2 ok\), 6 changed/)
    assert.not.ok(it.bytes().includes(password()))
  } finally {
    it.close()
    remove()
  }
})

test.run()
