/** Files of the login of this run: what would keep its key out is refused. */
import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { converge } from '../../../../lib/converge/converge.ts'
import type { Operation } from '../../../../lib/operation.ts'
import { directory } from '../../../../lib/operations/directory.ts'
import { file } from '../../../../lib/operations/file.ts'
import { line } from '../../../../lib/operations/line.ts'
import { link } from '../../../../lib/operations/link.ts'
import { permissions } from '../../../../lib/operations/permissions.ts'
import { replace } from '../../../../lib/operations/replace.ts'
import { tree } from '../../../../lib/operations/tree.ts'
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
const passwd = '/etc/passwd'
const empty = pathToFileURL(`${mkdtempSync(join(tmpdir(), 'brd-empty-'))}/`)
const others = pathToFileURL(`${mkdtempSync(join(tmpdir(), 'brd-others-'))}/`)
mkdirSync(new URL('.ssh', others))
test.after(() => [empty, others].forEach(folder => void rmSync(folder, { recursive: true })))
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
  writeFileSync(new URL('.ssh/authorized_keys', others), other)
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
const result = async (op: Operation, check = false): Promise<string> => {
  const { shell } = openShell('dash')
  try {
    const { error, outcomes } = await converge([op], {
      host: 'here',
      shell: async () => shell,
      check,
    })
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
  'a line of its file is replaced': () => line({ path: keys, match: '^ssh-', line: other.trim() }),
  'its file is cut by an expression': () =>
    replace({ path: keys, pattern: /^ssh-.*$/m, with: '# gone' }),
  'others may write to its file': () =>
    file({ path: keys, content: mine, owner: 'brdtest-olga', group: 'brdtest-olga', mode: '666' }),
  'its file becomes that of another': () =>
    file({ path: keys, content: mine, owner: 'brdtest-paul', mode: '600' }),
  'others may write to the home': () =>
    directory({ path: home, mode: '775', owner: 'brdtest-olga', group: 'brdtest-olga' }),
}
const foretold: Readonly<Record<string, () => Operation>> = {
  'a tree gives its folder to another': () => permissions({ path: home, owner: 'brdtest-paul' }),
  'a tree may be written by others': () =>
    permissions({ path: home, directories: '775', files: '664' }),
  'a tree without it takes the place of its folder': () =>
    tree({ path: `${home}/.ssh`, source: empty, owner: 'brdtest-olga', exact: true }),
  'a tree takes the place of its home': () =>
    tree({ path: home, source: empty, directories: '777', owner: 'brdtest-olga' }),
  'a tree brings another key': () =>
    tree({ path: home, source: others, files: '600', owner: 'brdtest-olga' }),
  'a tree takes the way of its user': () =>
    permissions({ path: home, directories: '600', owner: 'brdtest-olga' }),
  'root alone may read it': () => permissions({ path: keys, owner: 'root', files: '600' }),
}
for (const [title, make] of Object.entries(foretold))
  test(`what keeps the key out is foretold, and not tried: ${title}`, async () => {
    const before = [home, `${home}/.ssh`, keys].map(path => statSync(path).ctimeMs)
    const said = await result(asLogin(make()), true)
    assert.match(said, /refused: sshd would no longer take the key that this run logged in with/)
    assert.is(await result(asLogin(make())), said)
    const after = [home, `${home}/.ssh`, keys].map(path => statSync(path).ctimeMs)
    assert.equal(after, before)
  })

for (const [title, make] of Object.entries({ ...refused, ...foretold }))
  test(`the key of this run's login: ${title}`, async () => {
    const before = [mode(home), mode(`${home}/.ssh`), statSync(`${home}/.ssh`).uid]
    assert.match(await result(asLogin(make())), /refused: .*the key that this run logged in with/)
    assert.is(readFileSync(keys, 'utf8'), mine)
    assert.equal([mode(home), mode(`${home}/.ssh`), statSync(`${home}/.ssh`).uid], before)
  })

for (const [title, make] of Object.entries({
  'its shell goes': () =>
    line({ path: passwd, match: '^brdtest-olga:', line: 'brdtest-olga:x:1:1::/:/bin/false' }),
  'it goes': () => replace({ path: passwd, pattern: /^brdtest-olga:.*\n/m, with: '' }),
  'its password is locked': () =>
    replace({ path: '/etc/shadow', pattern: /^brdtest-olga:(?!!)/m, with: 'brdtest-olga:!' }),
}))
  test(`the account of this run's login: ${title}`, async () => {
    const read = () =>
      [passwd, '/etc/shadow'].map(path => /^brdtest-olga:.*/m.exec(readFileSync(path, 'utf8'))?.[0])
    const before = read()
    assert.match(await result(asLogin(make())), /the account by which this run logged in/)
    assert.equal(read(), before)
  })
test('the account of another, and the rest of its own, may be edited', async () => {
  const edit = (name: string) =>
    replace({
      path: passwd,
      pattern: new RegExp(`^(${name}:x:\\d+:\\d+:)(?!New)[^:]*`, 'm'),
      with: '$1New',
      validate: () => sh`false`, // nothing is written: other tests make users meanwhile
    })
  for (const name of ['brdtest-paul', 'brdtest-olga']) {
    const said = await result(asLogin(edit(name)))
    assert.match(said, /was refused by its check/)
    assert.not.match(said, /account by which/)
  }
  assert.is(await result(asLogin(line({ path: keys, line: other.trim() }))), 'changed')
})
test('trees that keep the key are changed', async () => {
  const rights = { owner: 'brdtest-olga', group: 'brdtest-olga' }
  assert.is(await result(asLogin(permissions({ path: home, ...rights, files: '640' }))), 'changed')
  assert.is(await result(asLogin(tree({ path: `${home}/site`, source: empty }))), 'changed')
  assert.ok(existsSync(`${home}/site`))
  writeFileSync(new URL('.ssh/authorized_keys', others), `${other}${mine}`)
  const more = tree({ path: home, source: others, files: '600', owner: 'brdtest-olga' })
  assert.is(await result(asLogin(more), true), 'would-change')
  assert.is(await result(asLogin(more)), 'changed')
  assert.is(readFileSync(keys, 'utf8'), `${other}${mine}`)
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
