/** What root writes in a home: the home's owner may put anything in its way. */
import { execFileSync, spawnSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { type ConvergeResult, converge } from '../../../../lib/converge/converge.ts'
import type { Change, Operation } from '../../../../lib/operation.ts'
import { authorizedKeys } from '../../../../lib/operations/authorizedKeys.ts'
import { docker } from '../../../../lib/operations/docker.ts'
import { knownHosts } from '../../../../lib/operations/knownHosts.ts'
import { Secret } from '../../../../lib/secret.ts'
import { raw } from '../../../../lib/sh.ts'
import { skip } from '../../../../scripts/test/skip.ts'
import { makeOutput, nothingPending } from '../../../support/operations.ts'
import { sandboxOperation, writePrograms } from '../../../support/sandbox.ts'
import { openShell } from '../../../support/shells.ts'
import { explainMissingUsers, makeUsers, type TestUser } from '../../../support/users.ts'

const missing = explainMissingUsers(['runuser', 'sshd'])
if (missing) skip(missing)

const anna: TestUser = { name: 'brdtest-anna', password: 'x' }
const home = `/home/${anna.name}`
const as = (...command: string[]) => execFileSync('runuser', ['-u', anna.name, '--', ...command])
const key = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIanna anna@work'

const folder = mkdtempSync(join(tmpdir(), 'brd-homes-'))
chmodSync(folder, 0o755)
/** What a user must neither own nor read: a file of root's. */
const treasure = join(folder, 'treasure')
writePrograms(folder, {
  docker: `#!/bin/sh
[ "$1" = --config ] || exit 1
case $3 in login) ;; *) exit 1 ;; esac
read -r password
[ "$password" = right ] || { echo unauthorized >&2; exit 1; }
[ ! -e "$2/cli-plugins" ] || echo ran >${folder}/ran
{ printf '{\\n\\t"auths": {\\n\\t\\t"%s": {\\n' "$7"
  printf '\\t\\t\\t"auth": "%s"\\n\\t\\t}\\n\\t}\\n}' secret; } >"$2/config.json"
`,
})

let remove = () => {}
test.before(() => void mkdirSync('/run/sshd', { recursive: true }))
test.before.each(() => {
  remove = makeUsers([anna])
  writeFileSync(treasure, 'gold\n', { mode: 0o600 })
})
test.after.each(() => {
  remove()
  rmSync(join(folder, 'var'), { recursive: true, force: true })
})
test.after(() => rmSync(folder, { recursive: true, force: true }))

const run = async (op: Operation): Promise<ConvergeResult> => {
  const { shell } = openShell('dash')
  try {
    return await converge([op], { host: 'here', shell: async () => shell })
  } finally {
    await shell.end()
  }
}
const refuses = async (op: Operation, why: RegExp) => {
  const { result, error } = await run(op)
  assert.is(result, 'failed')
  assert.match(JSON.stringify(error), why)
}
const assertUntouched = () => {
  const { uid, mode } = statSync(treasure)
  assert.equal([uid, mode & 0o777, readFileSync(treasure, 'utf8')], [0, 0o600, 'gold\n'])
}

const keys = authorizedKeys({ user: anna.name, keys: [key], exact: false })
test('keys of a new home are the user’s, and the second run changes nothing', async () => {
  assert.is((await run(keys)).result, 'ok')
  const { uid } = statSync(home)
  assert.equal(
    ['.ssh', '.ssh/authorized_keys'].map(name => {
      const entry = lstatSync(join(home, name))
      return [entry.uid, entry.mode & 0o777]
    }),
    [
      [uid, 0o700],
      [uid, 0o600],
    ],
  )
  assert.equal((await run(keys)).outcomes, [{ is: 'ok' }])
})
test('keys are not written through a link in the place of .ssh', async () => {
  mkdirSync(join(folder, 'var'), { recursive: true })
  as('ln', '-s', join(folder, 'var'), `${home}/.ssh`)
  await refuses(keys, /is a symlink: nothing is written through it/)
  assert.not(existsSync(join(folder, 'var/authorized_keys')))
})
test('a link that takes the place of .ssh after the look leads root nowhere', () => {
  const place = join(folder, 'var')
  mkdirSync(place, { recursive: true })
  const { uid } = statSync(home)
  const looked = `${anna.name}:x:${uid}:${uid}::${home}:/bin/sh\nabsent\nabsent\n`
  const plan = keys.decide(makeOutput(looked), nothingPending) as Change
  as('ln', '-s', place, `${home}/.ssh`)
  const { status, stderr } = spawnSync('sh', ['-c', plan.apply.text], {
    input: plan.stdin as Buffer,
    encoding: 'utf8',
  })
  assert.is(status, 1)
  assert.match(stderr, /.ssh is not a real folder: nothing was written/)
  assert.equal([statSync(place).uid, existsSync(join(place, 'authorized_keys'))], [0, false])
})
test('a link in the place of the keys is replaced, and its target stays', async () => {
  as('mkdir', '-m', '700', `${home}/.ssh`)
  as('ln', '-s', treasure, `${home}/.ssh/authorized_keys`)
  assert.is((await run(keys)).result, 'ok')
  assert.is(readFileSync(`${home}/.ssh/authorized_keys`, 'utf8'), `${key}\n`)
  assertUntouched()
})
test('a hard link to a file of root is not read, and is not given to the user', async () => {
  as('mkdir', '-m', '700', `${home}/.ssh`)
  linkSync(treasure, join(folder, 'link'))
  execFileSync('mv', [join(folder, 'link'), `${home}/.ssh/authorized_keys`])
  await refuses(keys, /brdtest-anna cannot read authorized_keys/)
  assertUntouched()
})
test('a home of another user is an error, not an account that nobody enters', async () => {
  execFileSync('chown', ['nobody', home])
  await refuses(keys, /the home folder belongs to uid \d+: chown it to brdtest-anna/)
})
test('an account that has expired is an error', async () => {
  execFileSync('chage', ['--expiredate', '2020-01-01', anna.name])
  await refuses(keys, /the account has expired/)
})
test('keys in a second file that sshd reads are others', async () => {
  assert.is((await run(keys)).result, 'ok')
  writeFileSync(join(home, '.ssh/authorized_keys2'), `${key}\n`)
  assert.is((await run(keys)).result, 'ok')
  await refuses(authorizedKeys({ user: anna.name, keys: [key] }), /sshd also reads .*keys2/)
})

const login = (password = 'right', state: 'present' | 'absent' = 'present') =>
  sandboxOperation(
    state === 'absent'
      ? docker.login({ registry: 'r.example', account: anna.name, state })
      : docker.login({
          registry: 'r.example',
          account: anna.name,
          user: 'ci',
          password: new Secret(password, 'registry'),
          hmac: () => (password === 'right' ? 'abcdef' : '012345'),
        }),
    folder,
  )
const withoutDaemon = (op: Operation): Operation => ({
  ...op,
  probe: raw(op.probe.text.replace('[ -S /var/run/docker.sock ]', 'true')),
})
const enter = (password?: string) => run(withoutDaemon(login(password)))
const config = `${home}/.docker/config.json`

test('a login is in a file that is the user’s alone; other logins and settings stay', async () => {
  as('mkdir', `${home}/.docker`)
  writeFileSync(config, '{"auths": {"other": {"auth": "b"}}, "psFormat": "x"}')
  execFileSync('chown', [anna.name, config])
  assert.is((await enter()).result, 'ok')
  assert.equal(JSON.parse(readFileSync(config, 'utf8')), {
    auths: { 'r.example': { auth: 'secret' }, other: { auth: 'b' } },
    psFormat: 'x',
  })
  const { uid, mode } = lstatSync(config)
  assert.equal([uid, mode & 0o777], [statSync(home).uid, 0o600])
  assert.equal((await enter()).outcomes, [{ is: 'ok' }])
})
test('a link in the place of the login is replaced, and its target stays', async () => {
  as('mkdir', `${home}/.docker`)
  symlinkSync(treasure, config)
  const { result, error } = await enter()
  assertUntouched()
  assert.match(`${result} ${JSON.stringify(error)}`, /^ok|cannot|denied/i)
})
test('a link in the place of its folder leads root nowhere', async () => {
  const place = join(folder, 'var/place')
  mkdirSync(place, { recursive: true })
  as('ln', '-s', place, `${home}/.docker`)
  assert.is((await enter()).result, 'failed')
  assert.equal([statSync(place).uid, existsSync(join(place, 'config.json'))], [0, false])
})
test('root runs nothing that the user’s folder holds', async () => {
  as('mkdir', '-p', `${home}/.docker/cli-plugins`)
  assert.is((await enter()).result, 'ok')
  assert.not(existsSync(join(folder, 'ran')))
})
test('a file that names a program for logins is an error', async () => {
  as('mkdir', `${home}/.docker`)
  as('sh', '-c', `echo '{"credsStore": "evil"}' >${config}`)
  const { error } = await enter()
  assert.match(JSON.stringify(error), /names a program that keeps the logins/)
})
test('a refused password leaves the old login; it goes, and the others stay', async () => {
  assert.is((await enter()).result, 'ok')
  const { error } = await enter('wrong')
  assert.match(JSON.stringify(error), /unauthorized|another/)
  assert.match(readFileSync(config, 'utf8'), /secret/)
  assert.is((await run(withoutDaemon(login('', 'absent')))).result, 'ok')
  assert.equal(JSON.parse(readFileSync(config, 'utf8')), { auths: {} })
})

const host = { host: 'h.example', keys: [key] as const, user: anna.name }
test('a known host is written by the user, not through the user’s link', async () => {
  as('mkdir', '-m', '700', `${home}/.ssh`)
  as('ln', '-s', treasure, `${home}/.ssh/known_hosts`)
  assert.is((await run(knownHosts(host))).result, 'failed')
  assertUntouched()
})

test.run()
