import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmod,
  lstat,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { inspect } from 'node:util'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { withLock } from '../../../lib/disk/lock.ts'
import { editStore } from '../../../lib/secrets/edit.ts'
import { createKey, writeKey } from '../../../lib/secrets/key.ts'
import { generatePassword } from '../../../lib/secrets/password.ts'
import { addRecipient, removeRecipient, rotateKey } from '../../../lib/secrets/recipients.ts'
import { initStore, openStore } from '../../../lib/secrets/store.ts'
import { complaints } from '../inventory/sample.ts'

const test = suite<{ folder: string; path: string; key: string }>('store')
test.before.each(async context => {
  context.folder = await mkdtemp(join(tmpdir(), 'brd-store-'))
  Object.assign(context, {
    path: join(context.folder, 'secrets', 'brd.age'),
    key: join(context.folder, 'key', 'age.key'),
  })
})
test.after.each(({ folder }) => rm(folder, { recursive: true }))

const root = fileURLToPath(new URL('../../..', import.meta.url))
const worker = (path: string, key: string, names: string[]): ChildProcess =>
  spawn(
    process.execPath,
    ['--import', './lib/preload.mjs', 'test/lib/secrets/worker.ts', path, key, ...names],
    {
      cwd: root,
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
const ended = async (child: ChildProcess) => {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  return child.exitCode ?? child.signalCode
}

test('a value that was ensured is there for the next process, and stays', async ({ path, key }) => {
  const store = await initStore({ path, key })
  const made = await store.ensure('grafana', () => 'first')
  assert.is(made.reveal(), 'first')
  const again = await openStore({ path, key })
  assert.is((await again.ensure('grafana', () => 'second')).reveal(), 'first')
  assert.is(again.get('grafana').reveal(), 'first')
  assert.equal(again.names(), ['grafana'])
})

test('the file shows nothing, nor does printing the store; the key is for its owner only', async ({
  path,
  key,
}) => {
  const store = await initStore({ path, key })
  await store.set('db', 'canary-7261')
  const shown = [
    await readFile(path, 'utf8'),
    inspect(store, { depth: 9, showHidden: true }),
    JSON.stringify(store),
    `${store.get('db')}`,
  ].join('\n')
  assert.not.match(shown, /canary|AGE-SECRET/)
  assert.match(shown, /^-----BEGIN AGE ENCRYPTED FILE-----\n/)
  assert.is((await stat(key)).mode & 0o777, 0o600)
})

test('init again keeps the key and the secrets', async ({ path, key }) => {
  const first = await initStore({ path, key })
  await first.set('db', 'x')
  const second = await initStore({ path, key })
  assert.is(second.recipient, first.recipient)
  assert.is(second.get('db').reveal(), 'x')
})

test('init leaves a key that it cannot use alone, and says what is wrong with it', async ({
  path,
  key,
}) => {
  await initStore({ path, key })
  await chmod(key, 0o640)
  const own = await readFile(key, 'utf8')
  const other = `${path}.other`
  assert.equal(await complaints(() => initStore({ path: other, key })), [
    `${key}: other users can read this key`,
  ])
  assert.is(await readFile(key, 'utf8'), own)
  assert.is(await stat(other).catch(() => 'absent'), 'absent')
})

test('what changes nothing does not write the file: git shows no difference', async ({
  path,
  key,
}) => {
  const store = await initStore({ path, key })
  await store.set('db', 'x')
  const written = await readFile(path, 'utf8')
  await initStore({ path, key })
  await store.set('db', 'x')
  await store.ensure('db')
  assert.is(await readFile(path, 'utf8'), written)
})

test('a secret that is there is not waited for while another process writes', async ({
  path,
  key,
}) => {
  const store = await initStore({ path, key })
  await store.set('db', 'x')
  await withLock(`${path}.lock`, async () => {
    assert.is((await store.ensure('db')).reveal(), 'x')
  })
})

test('any text survives', async ({ path, key }) => {
  const store = await initStore({ path, key })
  const values = [
    'two\nlines\n',
    ' ',
    '$HOME `id` "\' #',
    'yes',
    '010',
    'null',
    'й€',
    '- a: b',
    '---',
    '\u0000',
  ]
  for (const [i, value] of values.entries()) await store.set(`v${i}`, value)
  const again = await openStore({ path, key })
  assert.equal(
    values.map((_, i) => again.get(`v${i}`).reveal()),
    values,
  )
})

test('two stores opened before either wrote lose nothing of each other', async ({ path, key }) => {
  const [one, two] = [await initStore({ path, key }), await openStore({ path, key })]
  await Promise.all([one.ensure('a'), two.ensure('b'), one.ensure('c'), two.ensure('d')])
  assert.equal((await openStore({ path, key })).names(), ['a', 'b', 'c', 'd'])
})

test('two generate one name at once: both get the one value that is kept', async ({
  path,
  key,
}) => {
  const [one, two] = [await initStore({ path, key }), await openStore({ path, key })]
  const [a, b] = await Promise.all([one.ensure('a'), two.ensure('a')])
  assert.is(a.reveal(), b.reveal())
  assert.is((await openStore({ path, key })).get('a').reveal(), a.reveal())
})

test('two processes that ensure different names both keep theirs', async ({ path, key }) => {
  await initStore({ path, key })
  const workers = [
    worker(path, key, ['a1', 'a2', 'a3', 'a4']),
    worker(path, key, ['b1', 'b2', 'b3', 'b4']),
  ]
  assert.equal(await Promise.all(workers.map(ended)), [0, 0])
  assert.equal((await openStore({ path, key })).names(), [
    'a1',
    'a2',
    'a3',
    'a4',
    'b1',
    'b2',
    'b3',
    'b4',
  ])
})

test('a process killed while it writes leaves a whole store that can be changed', async ({
  path,
  key,
}) => {
  await (await initStore({ path, key })).set('kept', 'x')
  for (const delay of [5, 30, 70]) {
    const child = worker(
      path,
      key,
      Array.from({ length: 200 }, (_, i) => `n${delay}-${i}`),
    )
    await once(child.stdout!, 'data')
    await setTimeout(delay)
    child.kill('SIGKILL')
    await ended(child)
    const store = await openStore({ path, key })
    assert.is(store.get('kept').reveal(), 'x')
    await store.set(`after-${delay}`, 'y')
    assert.is((await openStore({ path, key })).get(`after-${delay}`).reveal(), 'y')
  }
})

test('a lock whose holder died is taken over by one at a time', async ({ folder }) => {
  const gone = spawn(process.execPath, ['--eval', '0'])
  await ended(gone)
  const path = join(folder, 'lock')
  await writeFile(path, JSON.stringify({ pid: gone.pid, id: 'dead' }))
  let inside = 0
  const most: number[] = []
  const work = async () => {
    most.push(++inside)
    await setTimeout(5)
    inside--
  }
  await Promise.all(Array.from({ length: 8 }, () => withLock(path, work)))
  assert.equal(most, Array(8).fill(1))
  assert.equal(await readdir(folder), [])
})

test('a lock whose holder died, and whoever cleared it away too, is named at the deadline', async ({
  folder,
}) => {
  const gone = spawn(process.execPath, ['--eval', '0'])
  await ended(gone)
  const path = join(folder, 'lock')
  await writeFile(path, JSON.stringify({ pid: gone.pid, id: 'dead' }))
  await writeFile(`${path}.dead.dead`, '')
  const late = setTimeout(3000, ['it waits for ever'], { ref: false })
  const told = complaints(() => withLock(path, async () => {}, { seconds: 0.1 }))
  assert.equal(await Promise.race([told, late]), [`${path}: is held: process ${gone.pid} has it`])
})

test('a lock that is held is waited for until the deadline, then its holder is named', async ({
  folder,
}) => {
  const path = join(folder, 'lock')
  await withLock(path, async () => {
    assert.equal(await complaints(() => withLock(path, async () => {}, { seconds: 0.1 })), [
      `${path}: is held: process ${process.pid} has it`,
    ])
  })
})

test('a name derived from a secret depends on the store, the value and the purpose', async ({
  path,
  key,
}) => {
  const store = await initStore({ path, key })
  const other = await initStore({ path: `${path}.other`, key })
  for (const each of [store, other]) await each.set('a', 'x')
  await store.set('b', 'y')
  const name = store.hmac('stack', store.get('a'))
  assert.match(name, /^[0-9a-f]{64}$/)
  assert.is((await openStore({ path, key })).hmac('stack', store.get('a')), name)
  const others = [
    store.hmac('stack', store.get('b')),
    store.hmac('stamp', store.get('a')),
    other.hmac('stack', other.get('a')),
  ]
  assert.is(new Set([name, ...others]).size, 4)
})

test('a name derived from a secret is the same in every version of this program', async ({
  path,
  key,
}) => {
  const store = await initStore({ path, key })
  await store.change(contents => {
    contents.hmacKey = Buffer.from(Array.from({ length: 32 }, (_, i) => i)).toString('base64')
    contents.secrets['a'] = 'x'
  })
  assert.is(
    store.hmac('stack', store.get('a')),
    'daf3292c7fbe231d2b96836e7f8e382af8a914a565aa8aeec6c173a7c3cb7e0b',
    'HMAC-SHA256 of "stack", NUL and the value',
  )
})

test('what is missing or does not fit is said in words', async ({ path, key, folder }) => {
  const strange = join(folder, 'strange.key')
  assert.equal(await complaints(() => openStore({ path, key })), [`${key}: there is no age key`])
  await initStore({ path, key })
  assert.equal(await complaints(() => openStore({ path: `${path}x`, key })), [
    `${path}x: there is no such store`,
  ])
  await initStore({ path: join(folder, 'strange.age'), key: strange })
  assert.equal(await complaints(() => openStore({ path, key: strange })), [
    `${path}: the key ${strange} does not open this store`,
  ])
  await writeFile(strange, 'AGE-SECRET-KEY-1NOPE\n')
  assert.equal(await complaints(() => openStore({ path, key: strange })), [
    `${strange}: its AGE-SECRET-KEY-1… line is damaged`,
  ])
  await writeFile(strange, 'hello\n')
  assert.equal(await complaints(() => openStore({ path, key: strange })), [
    `${strange}: contains no AGE-SECRET-KEY-1… line`,
  ])
  await chmod(strange, 0o640)
  assert.equal(await complaints(() => openStore({ path, key: strange })), [
    `${strange}: other users can read this key`,
  ])
  await writeFile(path, (await readFile(path, 'utf8')).slice(0, 300))
  assert.equal(await complaints(() => openStore({ path, key })), [
    `${path}: is damaged, or not an age file`,
  ])
})

test('names that are not there, or are none', async ({ path, key }) => {
  const store = await initStore({ path, key })
  await store.set('grafana', 'x')
  assert.equal(await complaints(() => store.get('grafanna')), [
    `${path}: contains no secret named grafanna; did you mean "grafana"?`,
  ])
  assert.equal(await complaints(() => store.remove('toString')), [
    `${path}: contains no secret named toString`,
  ])
  assert.equal(await complaints(() => store.set('a b', 'x')), [
    '"a b" is not a valid name of a secret',
  ])
  await store.remove('grafana')
  assert.equal((await openStore({ path, key })).names(), [])
})

test('each refusal says what to type next', async ({ path, key }) => {
  const store = await initStore({ path, key })
  const messageOf = async (work: () => unknown) => {
    try {
      await work()
    } catch (error) {
      return (error as Error).message
    }
    return ''
  }
  const script = 'npx zx scripts/secrets.ts'
  assert.match(
    await messageOf(() => openStore({ path: `${path}x`, key })),
    `\n  Create it with \`${script} init\`.`,
  )
  assert.match(await messageOf(() => store.get('db')), `\n  Set it with: ${script} set db`)
  assert.match(
    await messageOf(() => store.set('a b', 'x')),
    '\n  Use letters, digits, dots, dashes, slashes and underscores.',
  )
})

test('a recipient is added, reads, and is removed', async ({ path, key, folder }) => {
  const store = await initStore({ path, key })
  const theirs = join(folder, 'anna.key')
  const anna = await initStore({ path: join(folder, 'anna.age'), key: theirs })
  await store.set('db', 'x')
  await addRecipient(store, anna.recipient)
  assert.is((await openStore({ path, key: theirs })).get('db').reveal(), 'x')
  await removeRecipient(store, anna.recipient)
  assert.equal(await complaints(() => openStore({ path, key: theirs })), [
    `${path}: the key ${theirs} does not open this store`,
  ])
  assert.equal(await complaints(() => removeRecipient(store, store.recipient)), [
    'that is your own key',
  ])
  assert.equal(await complaints(() => addRecipient(store, 'age1nope')), [
    '"age1nope" is not an age recipient (age1…)',
  ])
})

const freshKey = async (key: string) => {
  await writeKey(await createKey(`${key}.fresh`))
  return `${key}.fresh`
}

test('a rotated key: the new one opens, the old one no longer', async ({ path, key }) => {
  await (await initStore({ path, key })).set('db', 'x')
  const old = await readFile(key, 'utf8')
  await rotateKey({ path, key })
  assert.is((await openStore({ path, key })).get('db').reveal(), 'x')
  assert.is(await readFile(`${key}.previous`, 'utf8'), old)
  assert.equal(await complaints(() => openStore({ path, key: `${key}.previous` })), [
    `${path}: the key ${key}.previous does not open this store`,
  ])
})

test('a rotation that was broken off is done again, and the store still opens', async ({
  path,
  key,
}) => {
  await (await initStore({ path, key })).set('db', 'x')
  const old = await readFile(key, 'utf8')
  // The rotation was killed before it wrote the store.
  const between = `${await readFile(await freshKey(key), 'utf8')}${old}`
  await writeFile(key, between, { mode: 0o600 })
  await rotateKey({ path, key })
  const store = await openStore({ path, key })
  assert.is(store.get('db').reveal(), 'x')
  assert.equal(store.recipients(), [store.recipient])
})

test('a store and a key behind symlinks: they are written where they are, under one lock', async ({
  path,
  key,
  folder,
}) => {
  await initStore({ path, key })
  const [alias, keyAlias] = [join(folder, 'alias.age'), join(folder, 'alias.key')]
  await symlink(path, alias)
  await symlink(key, keyAlias)
  const [here, there] = [
    await openStore({ path, key }),
    await openStore({ path: alias, key: keyAlias }),
  ]
  await there.set('a', '1')
  await here.set('b', '2')
  assert.equal((await openStore({ path: alias, key })).names(), ['a', 'b'])
  await withLock(`${path}.lock`, async () => {
    let isDone = false
    const waiting = there.set('c', '3').then(() => {
      isDone = true
    })
    await setTimeout(200)
    assert.not.ok(isDone)
    return { waiting }
  }).then(({ waiting }) => waiting)
  await rotateKey({ path: alias, key: keyAlias })
  for (const link of [alias, keyAlias]) assert.ok((await lstat(link)).isSymbolicLink())
  assert.equal((await openStore({ path, key })).names(), ['a', 'b', 'c'])
})

test('edit: what another process changed meanwhile is not overwritten', async ({ path, key }) => {
  const store = await initStore({ path, key })
  for (const name of ['a', 'b']) await store.set(name, name)
  const other = await openStore({ path, key })
  const edit = async (text: string) => {
    const opened = await openStore({ path, key })
    const { change } = opened
    opened.change = async work => {
      await other.set('a', 'rotated')
      return change.call(opened, work)
    }
    return editStore(opened, `f() { printf '${text}' >"$1"; }; f`)
  }
  for (const text of ['a: mine\\nb: b\\n', 'b: b\\n']) {
    await store.set('a', 'a')
    const error = await edit(text).catch(String)
    assert.match(String(error), /a: has another value since the editor was opened/)
  }
  await store.set('a', 'a')
  assert.equal(await edit('a: a\\nb: mine\\n'), { set: ['b'], removed: [] })
  const after = await openStore({ path, key })
  assert.equal(
    ['a', 'b'].map(name => after.get(name).reveal()),
    ['rotated', 'mine'],
  )
})

test('edit: what the editor changed, added and removed; nothing stays in memory', async ({
  path,
  key,
  folder,
}) => {
  const store = await initStore({ path, key })
  for (const name of ['a', 'b', 'c']) await store.set(name, name)
  const seen = join(folder, 'seen')
  const editor =
    `f() { dirname "$1" > ${seen}; stat --format %a "$1" "$(dirname "$1")" >> ${seen}; ` +
    `printf 'a: a\\nb: "2"\\nd: new\\n' > "$1"; }; f`
  assert.equal(await editStore(store, editor), { set: ['b', 'd'], removed: ['c'] })
  const again = await openStore({ path, key })
  assert.equal(
    again.names().map(name => again.get(name).reveal()),
    ['a', '2', 'new'],
  )
  const [inMemory = '', file, dir] = (await readFile(seen, 'utf8')).split('\n')
  assert.equal([inMemory.startsWith('/dev/shm/'), file, dir], [true, '600', '700'])
  assert.is(await stat(inMemory).catch(() => 'gone'), 'gone')
})

test('edit: a failed editor, broken YAML and a non-text value change and repeat nothing', async ({
  path,
  key,
}) => {
  const store = await initStore({ path, key })
  await store.set('a', 'canary')
  const written = await readFile(path, 'utf8')
  assert.equal(await complaints(() => editStore(store, 'false')), [
    'the editor "false" ended with 1: nothing was changed',
  ])
  for (const [text, problem] of [
    ['a: [canary\\n', /^line \d+: the text is not YAML/],
    ['a: 12\\n', /^a: a secret is text; put it in quotes$/],
    ['canary\\n', /a secret is text|not YAML/],
  ] as const) {
    const [told = ''] = await complaints(() =>
      editStore(store, `f() { printf '${text}' > "$1"; }; f`),
    )
    assert.match(told, problem)
    assert.not.match(told, /canary/)
  }
  assert.is(await readFile(path, 'utf8'), written)
})

test('passwords: 32 letters and digits, none twice', () => {
  const made = Array.from({ length: 500 }, () => generatePassword())
  assert.ok(made.every(password => /^[A-Za-z0-9]{32}$/.test(password)))
  assert.is(new Set(made).size, 500)
  assert.is(new Set(made.join('')).size, 62)
})

test.run()
