/**
 * base()'s accounts on this machine, stopped after each operation: an operator whose sudo asks for
 * a password can log in and become root at every stop.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { type ConvergeResult, converge } from '../../lib/converge/converge.ts'
import type { Operation } from '../../lib/operation.ts'
import { sudoers } from '../../lib/operations/sudoers.ts'
import { Secret } from '../../lib/secret.ts'
import { raw } from '../../lib/sh.ts'
import { renderBootScript } from '../../lib/transport/root-shell.ts'
import { Session } from '../../lib/transport/session.ts'
import { connect } from '../../lib/transport/ssh/connect.ts'
import { openRootShell } from '../../lib/transport/ssh/sudo.ts'
import { listAccounts, lockAccounts } from '../../roles/base/accounts.ts'
import { skip } from '../../scripts/test/skip.ts'
import { type Sshd, startSshd } from '../support/sshd.ts'
import { explainMissingUsers, makeUsers, type TestUser } from '../support/users.ts'

const missing = explainMissingUsers(['sudo', 'runuser', 'sshd', 'visudo'])
if (missing) skip(missing)
const rules = '/etc/sudoers.d/brd-operators'
if (existsSync(rules)) throw new Error(`${rules} exists: this machine has operators of its own`)

const ops: TestUser = { name: 'brdtest-ops', password: 'right' }
const key = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIanna anna@work'
const operators = { [ops.name]: { keys: [key] }, 'brdtest-new': { keys: [key] } }
const list = [...listAccounts(operators), ...lockAccounts(operators, [])]
const sh = (script: string) => execFileSync('sh', ['-c', script], { encoding: 'utf8' })

let sshd: Sshd
let remove = () => {}
test.before(async () => {
  mkdirSync('/run/sshd', { recursive: true })
  sshd = await startSshd({ config: ['UsePAM yes'] })
})
test.before.each(() => {
  remove = makeUsers([ops])
  sh(`usermod -aG sudo ${ops.name}`)
})
test.after.each(() => {
  remove()
  rmSync(rules, { force: true })
  sh('userdel --force --remove brdtest-new 2>/dev/null || :; rm -f /etc/sudoers.d/zz-brdtest')
})
test.after(() => sshd?.stop())

const open = (): Session =>
  new Session({
    host: 'here',
    connect: () => connect({ ...sshd.target, user: ops.name }),
    rootShell: connection =>
      openRootShell(
        connection,
        { become: 'sudo', password: new Secret(ops.password, 'sudo') },
        renderBootScript(),
      ),
  })

const playList = async (all: readonly Operation[]): Promise<ConvergeResult> => {
  const session = open()
  try {
    return await converge(all, {
      host: 'here',
      shell: () => session.shell(),
      login: { anew: () => session.anew(), beside: work => session.beside(work) },
    })
  } finally {
    await session.end()
  }
}
const playAlone = (op: Operation) => playList([op])
/** Plays the first so many operations in a run of its own. */
const play = (count: number) => playList(list.slice(0, count))

/** A new login has four seconds, not 45. */
const hurry = (op: Operation): Operation => ({
  ...op,
  decide: (out, context) => {
    const plan = op.decide(out, context)
    return plan && 'apply' in plan
      ? { ...plan, apply: raw(plan.apply.text.replace('-le 180', '-le 16')) }
      : plan
  },
})
/** The operator logs in by key, and becomes root with the password or without one. */
const assertGetsIn = async (when: string): Promise<void> => {
  const session = open()
  try {
    assert.ok(await session.shell(), when)
  } finally {
    await session.end()
  }
}
const password = () => sh(`getent shadow ${ops.name} | cut -d : -f 2`).trim()

test('stopped after any operation, the operator gets in; a second run is idle', async () => {
  for (let count = 1; count <= list.length; count++) {
    const { result, error } = await play(count)
    assert.is(result, 'ok', `${list[count - 1]?.id}: ${JSON.stringify(error)}`)
    await assertGetsIn(`after ${list[count - 1]?.id}`)
  }
  assert.is(password(), '*')
  assert.equal(
    (await play(list.length)).outcomes.map(({ is }) => is),
    list.map(() => 'ok'),
  )
})
test('an operator whose .ssh is a symlink is locked out at no stop', async () => {
  const hash = password()
  sh(`runuser -u ${ops.name} -- ln -s /tmp /home/${ops.name}/.ssh`)
  for (let count = 1; count <= list.length; count++) {
    await play(count)
    await assertGetsIn(`after ${list[count - 1]?.id}`)
    assert.is(password(), hash)
  }
  const { result, error } = await play(list.length)
  assert.is(result, 'failed')
  assert.match(JSON.stringify(error), /.ssh of brdtest-ops is a symlink/)
})
test('the password stays while another rule makes sudo ask for it', async () => {
  const hash = password()
  sh(`echo '${ops.name} ALL=(ALL:ALL) ALL' >/etc/sudoers.d/zz-brdtest`)
  const { result, error } = await play(list.length)
  assert.is(result, 'failed')
  assert.match(JSON.stringify(error), /passwordLock brdtest-ops.*whose sudo asks for the password/)
  assert.is(password(), hash)
  await assertGetsIn('afterwards')
})
test('rules that take this run’s sudo away are taken back', async () => {
  sh(`gpasswd --delete ${ops.name} sudo; echo '${ops.name} ALL=(ALL:ALL) NOPASSWD: ALL' >${rules}`)
  const before = readFileSync(rules, 'utf8')
  const [sudo] = listAccounts({ 'brdtest-new': { keys: [key] } })
  const { result, error } = await playAlone(hurry(sudo as Operation))
  assert.is(result, 'failed')
  assert.match(JSON.stringify(error), /no new login succeeded with this change/)
  assert.is(readFileSync(rules, 'utf8'), before)
  await assertGetsIn('afterwards')
})

test('rules that sudo refuses beside its others are taken back', async () => {
  sh(`printf 'User_Alias BRDTEST = root\\nBRDTEST ALL=(ALL) ALL\\n' >/etc/sudoers.d/zz-brdtest`)
  const { result, error } = await playAlone(
    sudoers({
      name: 'brd-operators',
      rules: ['User_Alias BRDTEST = bin', 'BRDTEST ALL=(ALL) ALL'],
    }),
  )
  assert.is(result, 'failed')
  assert.match(JSON.stringify(error), /sudo does not accept these rules beside its others/)
  assert.not(existsSync(rules))
  await assertGetsIn('afterwards')
})

test.run()
