import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { Secret } from '../../../../lib/secret.ts'
import { connectLocally } from '../../../../lib/transport/local.ts'
import { connect } from '../../../../lib/transport/ssh/connect.ts'
import {
  type Become,
  BecomeError,
  buildRootCommand,
  openRootShell,
} from '../../../../lib/transport/ssh/sudo.ts'
import { skip } from '../../../../scripts/test/skip.ts'
import { waitUntil } from '../../../support/run-playbook.ts'
import { explainMissingSshd, type Sshd, startSshd } from '../../../support/sshd.ts'
import { explainMissingUsers, makeUsers, type TestUser } from '../../../support/users.ts'

const password = `pass word'"$1%`
const users: readonly TestUser[] = [
  { name: 'brdtest-asked', password, sudoers: ['USER ALL=(ALL) ALL'] },
  { name: 'brdtest-free', password, sudoers: ['USER ALL=(ALL) NOPASSWD: ALL'] },
  { name: 'brdtest-nobody', password },
  { name: 'brdtest-other', password, sudoers: ['USER ALL=(ALL) NOPASSWD: /bin/ls'] },
  {
    name: 'brdtest-once',
    password,
    sudoers: ['Defaults:USER passwd_tries=1', 'USER ALL=(ALL) ALL'],
  },
  {
    name: 'brdtest-tty',
    password,
    sudoers: ['Defaults:USER requiretty', 'USER ALL=(ALL) NOPASSWD: ALL'],
  },
  {
    name: 'brdtest-noise',
    password,
    shell: '/bin/bash',
    bashrc: 'echo noise; echo noise >&2\n',
    sudoers: ['USER ALL=(ALL) ALL'],
  },
  { name: 'brdtest-slow', password, shell: '/bin/bash', bashrc: 'sleep 5\n' },
  { name: 'brdtest-nologin', password, shell: '/usr/sbin/nologin' },
]

let sshd: Sshd
let remove = () => {}
test.before(async () => {
  const missing = explainMissingSshd() ?? explainMissingUsers()
  if (missing) skip(missing)
  remove = makeUsers(users)
  sshd = await startSshd()
})
test.after(async () => {
  await sshd?.stop()
  remove()
})

type Login = {
  readonly user: string
  readonly password?: string
  readonly become?: Become['become']
  readonly seconds?: number
  readonly on?: Sshd
}

/** What a root shell answers to one line: it runs what it reads. */
const asRoot = async (
  { user, password: word, become = 'sudo', seconds = 15, on = sshd }: Login,
  line = 'id -u',
): Promise<string> => {
  const connection = await connect({ ...on.target, user: `brdtest-${user}` })
  try {
    const shell = await openRootShell(
      connection,
      { become, seconds, ...(word === undefined ? {} : { password: new Secret(word, 'sudo') }) },
      'cd /; while read -r l; do eval "$l"; done',
    )
    shell.stdin.end(`${line}\n`)
    const out = await text(shell.stdout)
    assert.is((await shell.exit).code, 0)
    return out
  } finally {
    await connection.close()
  }
}
const refusal = async (login: Login): Promise<BecomeError> => {
  try {
    await asRoot(login)
  } catch (error) {
    assert.instance(error, BecomeError)
    return error as BecomeError
  }
  throw new Error('became root, against all rules')
}

test('the command line', () => {
  const secret = new Secret(password, 'sudo')
  assert.is(buildRootCommand({ become: 'no' }, 'BOOT'), "sh -c 'echo brd-shell-ready; BOOT'")
  assert.is(
    buildRootCommand({ become: 'sudo' }, 'BOOT'),
    "env LC_ALL=C sudo -n sh -c 'echo brd-shell-ready; BOOT'",
  )
  assert.is(
    buildRootCommand({ become: 'sudo', password: secret }, 'BOOT'),
    "env LC_ALL=C sudo -k -S -p brd-sudo-password: sh -c 'echo brd-shell-ready; BOOT'",
  )
  assert.throws(() => buildRootCommand({ become: 'no' }, "it's"), 'any login shell')
})

test('sudo without a password', async () => assert.is(await asRoot({ user: 'free' }), '0\n'))
test('sudo with the right password', async () =>
  assert.is(await asRoot({ user: 'asked', password }), '0\n'))
test('a password that sudo does not ask for is not sent', async () =>
  assert.is(await asRoot({ user: 'free', password }, 'echo first'), 'first\n'))
test('noise of the login is not the shell’s', async () =>
  assert.is(await asRoot({ user: 'noise', password }), '0\n'))
test('no sudo: a shell as the login user', async () =>
  assert.not.equal(await asRoot({ user: 'free', become: 'no' }), '0\n'))

test('the wrong password', async () => {
  const error = await refusal({ user: 'asked', password: 'secret-and-wrong' })
  assert.is(error.message, 'web1: wrong sudo password')
  assert.not.match(JSON.stringify([error.message, error.next, error.stack]), 'secret-and-wrong')
})
test('the wrong password where sudo asks only once', async () =>
  assert.is(
    (await refusal({ user: 'once', password: 'wrong' })).message,
    'web1: wrong sudo password',
  ))
test('a password is needed and none was given', async () => {
  const error = await refusal({ user: 'asked' })
  assert.match(error.message, 'sudo asks for a password, and none was given')
})
test('a user that sudo does not know', async () =>
  assert.match(
    (await refusal({ user: 'nobody', password })).message,
    /does not allow this user.*not in the sudoers/,
  ))
test('a user who may run other programs only', async () =>
  assert.match(
    (await refusal({ user: 'other', password })).message,
    /does not allow this user.*not allowed to execute '\/\S*sh -c …' as root on/,
  ))
test('requiretty', async () =>
  assert.match((await refusal({ user: 'tty' })).message, 'wants a terminal'))
test('sudo is not installed', async () => {
  const bin = mkdtempSync(join(tmpdir(), 'brdtest-bin-'))
  for (const name of ['env', 'sh']) symlinkSync(`/usr/bin/${name}`, join(bin, name))
  chmodSync(bin, 0o755)
  const bare = await startSshd({ config: [`SetEnv PATH=${bin}`] })
  try {
    assert.is((await refusal({ user: 'free', on: bare })).message, 'web1: sudo is not installed')
  } finally {
    await bare.stop()
    rmSync(bin, { recursive: true })
  }
})
test('a login that hangs', async () =>
  assert.match(
    (await refusal({ user: 'slow', become: 'no', seconds: 1 })).message,
    'did not start in time',
  ))
test('an account without a shell', async () =>
  assert.match(
    (await refusal({ user: 'nologin', become: 'no' })).message,
    /exit code 1: This account is currently not available/,
  ))

test('the password is in no argument and no environment', async () => {
  const connection = await connect({ ...sshd.target, user: 'brdtest-asked' })
  const shell = await openRootShell(
    connection,
    { become: 'sudo', password: new Secret(password, 'sudo') },
    'echo $$; read -r l',
  )
  const pid = await new Promise<string>(resolve =>
    shell.stdout.once('data', chunk => resolve(String(chunk).trim())),
  )
  const read = (of: string, name: string) => {
    try {
      return readFileSync(`/proc/${of}/${name}`, 'latin1')
    } catch {
      return ''
    }
  }
  const all = readdirSync('/proc').filter(
    name => /^\d+$/.test(name) && name !== String(process.pid),
  )
  assert.match(read(pid, 'cmdline'), 'brd-shell-ready', 'the shell itself was seen')
  for (const of of all)
    assert.not.ok((read(of, 'cmdline') + read(of, 'environ')).includes(password), `process ${of}`)
  shell.stdin.end()
  await shell.exit
  await connection.close()
})

test('a local shell starts in the same way', async () => {
  const connection = connectLocally()
  const shell = await openRootShell(connection, { become: 'no' }, 'read -r l; echo "got $l"')
  shell.stdin.end('it\n')
  assert.is(await text(shell.stdout), 'got it\n')
  await connection.close()
})

test('a host that does not become root through sudo never gets its password', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'brdtest-asks-'))
  const connection = connectLocally()
  const asks = {
    ...connection,
    start: () =>
      connection.start(
        `printf brd-sudo-password: >&2; read -r l; echo "[$l]" >${folder}/new && mv ${folder}/new ${folder}/heard`,
      ),
  }
  await openRootShell(asks, { become: 'no', password: new Secret(password, 'sudo') }, ':').catch(
    () => {},
  )
  await waitUntil('it has heard what it was told', () => existsSync(`${folder}/heard`))
  assert.is(readFileSync(`${folder}/heard`, 'utf8'), '[]\n')
  rmSync(folder, { recursive: true })
})

test.run()
