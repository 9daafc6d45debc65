/** Files of the login of this run: what would keep its key out is refused. */
import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { converge } from '../../../../lib/converge/converge.ts'
import type { Operation } from '../../../../lib/operation.ts'
import { directory } from '../../../../lib/operations/directory.ts'
import { file } from '../../../../lib/operations/file.ts'
import { link } from '../../../../lib/operations/link.ts'
import { raw, sh } from '../../../../lib/sh.ts'
import { skip } from '../../../../scripts/test/skip.ts'
import { openShell } from '../../../support/shells.ts'
import { explainMissingUsers, makeUsers, type TestUser } from '../../../support/users.ts'

const missing = explainMissingUsers(['runuser', 'ssh-keygen'])
if (missing) skip(missing)

const [olga, paul]: readonly TestUser[] = [
  { name: 'brdtest-olga', password: 'x' },
  { name: 'brdtest-paul', password: 'x' },
] as const
const home = '/home/brdtest-olga' as const
const keys = `${home}/.ssh/authorized_keys` as const
const makeKey = (name: string): string => {
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', `${home}/${name}`])
  return readFileSync(`${home}/${name}.pub`, 'utf8')
}
const readFingerprint = (name: string): string =>
  execFileSync('ssh-keygen', ['-l', '-f', `${home}/${name}.pub`], { encoding: 'utf8' }).split(
    ' ',
  )[1] as string

let remove = () => {}
let [mine, other, fingerprint] = ['', '', '']
test.before.each(() => {
  remove = makeUsers([olga, paul] as TestUser[])
  chmodSync(home, 0o755)
  ;[mine, other] = [makeKey('mine'), makeKey('other')]
  fingerprint = readFingerprint('mine')
  mkdirSync(`${home}/.ssh`, { mode: 0o700 })
  writeFileSync(keys, mine, { mode: 0o600 })
  execFileSync('chown', ['-R', 'brdtest-olga:', `${home}/.ssh`])
})
test.after.each(() => remove())

/** The operation, in a run that logged in as this user with the key. */
const asLogin = (op: Operation, user = 'brdtest-olga'): Operation => {
  const set = sh`login_key=${fingerprint} SUDO_USER=${user}`.text
  return {
    ...op,
    probe: raw(`${set}\n${op.probe.text}`),
    decide: (out, context) => {
      const plan = op.decide(out, context)
      return plan !== null && 'apply' in plan
        ? { ...plan, apply: raw(`${set}\n${plan.apply.text}`) }
        : plan
    },
  }
}
const result = async (op: Operation): Promise<string> => {
  const { shell } = openShell('dash')
  try {
    const { error, outcomes } = await converge([op], { host: 'here', shell: async () => shell })
    return error ? JSON.stringify(error) : outcomes.map(({ is }) => is).join(' ')
  } finally {
    await shell.end()
  }
}
const mode = (path: string) => (statSync(path).mode & 0o7777).toString(8)

const refused: Readonly<Record<string, () => Operation>> = {
  'its file is removed': () => file({ path: keys, state: 'absent' }),
  'its folder is removed': () =>
    directory({ path: `${home}/.ssh`, state: 'absent', recursive: true }),
  'a symlink takes its place': () => link({ path: keys, target: '/dev/null' }),
  'a file without it takes its place': () =>
    file({ path: keys, content: other, owner: 'brdtest-olga', mode: '600' }),
  'a file that its user cannot read takes its place': () =>
    file({ path: keys, content: `${mine}${other}`, mode: '600' }),
  'its folder becomes that of root alone': () => directory({ path: `${home}/.ssh`, mode: '700' }),
  'its folder becomes that of another': () =>
    directory({ path: `${home}/.ssh`, mode: '700', owner: 'brdtest-paul' }),
  'others may write to the home': () =>
    directory({ path: home, mode: '775', owner: 'brdtest-olga', group: 'brdtest-olga' }),
}
for (const [title, make] of Object.entries(refused))
  test(`the key of this run's login: ${title}`, async () => {
    const before = [mode(home), mode(`${home}/.ssh`), statSync(`${home}/.ssh`).uid]
    assert.match(await result(asLogin(make())), /refused: .*the key that this run logged in with/)
    assert.is(readFileSync(keys, 'utf8'), mine)
    assert.equal([mode(home), mode(`${home}/.ssh`), statSync(`${home}/.ssh`).uid], before)
  })

test('what keeps the key is done', async () => {
  const fresh = file({
    path: keys,
    content: `${other}${mine}`,
    owner: 'brdtest-olga',
    group: 'brdtest-olga',
    mode: '600',
  })
  assert.is(await result(asLogin(fresh)), 'changed')
  const rights = { owner: 'brdtest-olga', group: 'brdtest-olga', mode: '750' }
  assert.is(await result(asLogin(directory({ path: home, ...rights }))), 'changed')
})
test('the keys of others are theirs', async () => {
  const gone = file({ path: keys, state: 'absent' })
  assert.is(await result(asLogin(gone, 'brdtest-paul')), 'changed')
  assert.not.ok(existsSync(keys))
})

test.run()
