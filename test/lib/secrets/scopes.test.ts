import { spawnSync } from 'node:child_process'
import { cp, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { inspect } from 'node:util'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { writeAll } from '../../../lib/disk/write-all.ts'
import { addScope, removeScope, sharePattern } from '../../../lib/secrets/change-scopes.ts'
import { editStore } from '../../../lib/secrets/edit.ts'
import { createKey, writeKey } from '../../../lib/secrets/key.ts'
import { addOffline, makeOffline, recordUse } from '../../../lib/secrets/offline.ts'
import { addRecipient, removeRecipient, rotateKey } from '../../../lib/secrets/recipients.ts'
import { openSecrets, Scopes } from '../../../lib/secrets/scopes.ts'
import { initStore, openStore, type Store } from '../../../lib/secrets/store.ts'
import { openVault } from '../../../lib/secrets/vault.ts'
import { complaints } from '../inventory/sample.ts'

type Context = { folder: string; path: string; key: string; host: string; store: Store }
const test = suite<Context>('scopes')
test.before.each(async context => {
  const folder = await mkdtemp(join(tmpdir(), 'brd-scopes-'))
  const [path, key, host] = ['secrets/brd.age', 'own.key', 'host.key'].map(it => join(folder, it))
  const store = await initStore({ path: path!, key: key! })
  await writeKey(await createKey(host!))
  Object.assign(context, { folder, path, key, host, store })
  await store.change(contents => {
    Object.assign(contents.secrets, { 'stage/read': 'hunter-read', 'stage/write': 'hunter-write' })
    addScope(contents, 'verification')
    sharePattern(contents, 'verification', 'stage/read')
  })
  await addRecipient(store, await recipientOf(host!), { scope: 'verification', name: 'host' })
})
test.after.each(({ folder }) => rm(folder, { recursive: true }))

const recipientOf = async (key: string): Promise<string> =>
  /recipient: (\S+)/.exec(await readFile(key, 'utf8'))![1]!
const scopeOf = (path: string, name = 'verification') =>
  join(dirname(path), 'scopes', `${name}.age`)
const openAsHost = async ({ path, host }: Context): Promise<Scopes> => {
  const opened = await openSecrets({ path, key: host })
  assert.instance(opened, Scopes)
  return opened as Scopes
}
const messageOf = async (work: () => unknown): Promise<string> => {
  try {
    await work()
  } catch (error) {
    return (error as Error).message
  }
  return ''
}

test('a key of the scope opens its secrets and nothing else', async context => {
  const scopes = await openAsHost(context)
  assert.equal([scopes.scopes(), scopes.names()], [['verification'], ['stage/read']])
  assert.is(scopes.get('stage/read').reveal(), 'hunter-read')
  assert.equal(await complaints(() => openStore({ path: context.path, key: context.host })), [
    `${context.path}: the key ${context.host} does not open this store`,
  ])
  assert.not.match(inspect(scopes, { depth: 9, showHidden: true }), /hunter/)
})

test('who can read a secret is said: of the store and of each scope with it', async context => {
  const { store } = context
  await store.change(contents => {
    contents.holders = { ...contents.holders, [store.recipient]: { name: 'anna' } }
  })
  const own = openVault(async () => store, true)
  assert.is(await own.readers('stage/read'), 'Readable by anna, host')
  assert.is(await own.readers('stage/write'), 'Readable by anna')
  const host = openVault(() => openAsHost(context), false)
  assert.is(await host.readers('stage/read'), 'Readable by anna, host')
  assert.is(await host.readers('stage/write'), null)
  assert.is(await openVault(async () => null, true).readers('stage/read'), null)
})

test('whoever opens the store opens all of it', async ({ path, key }) => {
  assert.not.instance(await openSecrets({ path, key }), Scopes)
})

test('the scope is enough where the store is not', async context => {
  await rm(context.path)
  assert.is((await openAsHost(context)).get('stage/read').reveal(), 'hunter-read')
})

test('a damaged store is not passed over for its scopes', async context => {
  await writeFile(context.path, 'x')
  for (const key of [context.key, context.host])
    assert.match(await messageOf(() => openSecrets({ path: context.path, key })), 'is damaged')
})

test('the copies follow each change in the same step', async context => {
  const { store, path } = context
  await store.set('stage/read', 'hunter-two')
  await store.set('stage/read.next', 'hunter-next')
  const scopes = await openAsHost(context)
  assert.is(scopes.get('stage/read').reveal(), 'hunter-two')
  assert.is(scopes.get('stage/read.next').reveal(), 'hunter-next')
  await store.remove('stage/read.next')
  assert.equal((await openAsHost(context)).names(), ['stage/read'])
  const written = await readFile(scopeOf(path))
  await store.set('stage/write', 'hunter-three')
  assert.equal(await readFile(scopeOf(path)), written, 'what it does not share leaves it alone')
})

test('what is missing says where it is and how to get it', async context => {
  const scopes = await openAsHost(context)
  const { path, host, store } = context
  assert.is(scopes.find('stage/read.next'), null, 'the scope would have it')
  assert.is(
    await messageOf(() => scopes.get('stage/write')),
    `the secret stage/write is not in the scope verification, which is all that the key ${host} ` +
      `opens; it is in ${path}\n  Whoever opens ${path} shares it: ` +
      'npx zx scripts/secrets.ts share stage/write --scope verification',
  )
  assert.throws(() => scopes.find('stage/write'), 'is not in the scope verification')
  await store.change(contents => {
    addScope(contents, 'writers')
    sharePattern(contents, 'writers', 'stage/w*')
  })
  const again = await openAsHost(context)
  assert.match(
    await messageOf(() => again.get('stage/write')),
    /opens; it is in the scope writers\n {2}Use a key of that scope \(BRD_AGE_KEY_FILE\)/,
  )
  assert.match(
    await messageOf(() => again.get('stage/read.next')),
    /stage\/read\.next is not in the scope verification, which would have it/,
  )
})

for (const check of [true, false])
  test(`a vault with a scope makes nothing up and changes nothing, check ${check}`, async of => {
    const vault = openVault(() => openSecrets({ path: of.path, key: of.host }), check)
    assert.is((await vault.secret('stage/read')).reveal(), 'hunter-read')
    assert.is((await vault.given('stage/read')).reveal(), 'hunter-read')
    assert.is(await vault.find('stage/read.next'), null)
    for (const work of [
      () => vault.secret('stage/write'),
      () => vault.given('stage/write'),
      () => vault.find('stage/write'),
    ])
      assert.match(await messageOf(work), /^the secret stage\/write is not in the scope verif/)
    for (const work of [
      () => vault.secret('stage/read.next'),
      () => vault.given('stage/read.next'),
    ])
      assert.match(await messageOf(work), /which would have it/)
    assert.match(
      await messageOf(() => vault.edit(values => void Object.assign(values, { x: 'y' }))),
      `the key ${of.host} opens the scope verification only, and changes nothing`,
    )
    assert.equal([vault.takeMade(), await vault.keyed()], [[], true])
    const secret = await vault.secret('stage/read')
    assert.is.not(vault.hmac('stamp', secret), of.store.hmac('stamp', secret))
    assert.is(vault.hmac('stamp', secret), (await openAsHost(of)).hmac('stamp', secret))
  })

test('a run with a key of a scope says which one it has, and what it lacks', async of => {
  const root = fileURLToPath(new URL('../../..', import.meta.url))
  await writeFile(join(of.folder, 'hosts.yaml'), 'servers:\n  web1:\n    address: 192.0.2.10\n')
  const script = join(of.folder, 'asks.ts')
  await writeFile(
    script,
    `import { playbook } from '${root}lib/playbook.ts'
const run = await playbook(import.meta)
console.log(String(await run.secret('stage/read')))
await run.secret('stage/write')
`,
  )
  for (const flags of [[], ['--check']]) {
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [
        ...['--import', `${root}lib/preload.mjs`, `${root}node_modules/zx/build/cli.js`],
        ...[script, ...flags],
      ],
      { encoding: 'utf8', env: { ...process.env, BRD_AGE_KEY_FILE: of.host } },
    )
    assert.equal([status, stdout.trim()], [1, '(secret stage/read)'], stderr)
    assert.match(
      stderr,
      /^secrets: this key opens the scope verification only\nthe secret stage\/w/,
    )
    assert.match(stderr, 'share stage/write --scope verification')
  }
})

test('a key that opens nothing is told of the store', async ({ path, folder }) => {
  const strange = join(folder, 'strange.key')
  await writeKey(await createKey(strange))
  assert.equal(await complaints(() => openSecrets({ path, key: strange })), [
    `${path}: the key ${strange} does not open this store`,
  ])
})

test('a stale copy is found, said by name, and written again by the next change', async of => {
  const { store, path } = of
  const before = await readFile(scopeOf(path))
  await store.set('stage/read', 'hunter-two')
  await writeFile(scopeOf(path), before)
  assert.match((await store.verify())[0]!, /^scope verification: has an old copy of stage\/read; w/)
  await store.change(() => {})
  assert.is((await openAsHost(of)).get('stage/read').reveal(), 'hunter-two')
  assert.equal(
    (await store.verify()).filter(line => !/escrow/.test(line)),
    [],
  )
})

test('what else is not as the store says is found', async ({ store, path }) => {
  const list = scopeOf(path).replace('.age', '.yaml')
  const found = async () => (await store.verify()).join('\n')
  assert.match(await found(), /^the store has 0 of two offline recipients/)
  const text = await readFile(list, 'utf8')
  assert.match(text, /recipients:\n {2}- age1\S+\n {2}- host age1\S+\nshare:\n {2}- stage\/read\n$/)
  await writeFile(list, `${text}  - stage/write\n`)
  assert.match(await found(), /the list \S+verification\.yaml is not what the store says/)
  await cp(scopeOf(path), scopeOf(path, 'unknown'))
  assert.match(await found(), /scope unknown: the store does not know it/)
  await rm(scopeOf(path))
  assert.match(await found(), /scope verification: its file is missing/)
  await store.change(contents => sharePattern(contents, 'verification', 'stage/no-*'))
  assert.match(await found(), /scope verification: no secret of the store matches stage\/no-\*/)
  assert.not.match(await found(), /missing|the list/)
})

test('one scope under the name of another is refused', async ({ store, path, host }) => {
  await store.change(contents => addScope(contents, 'writers'))
  await cp(scopeOf(path), scopeOf(path, 'writers'))
  assert.match(
    await messageOf(() => openSecrets({ path, key: host })),
    /writers\.age: contains the scope verification\n {2}Restore it/,
  )
  assert.match((await store.verify())[0]!, /scope writers: \S+ contains the scope verification/)
})

test('recipients of a scope come and go, with what is known of them', async of => {
  const { store, host } = of
  const recipient = await recipientOf(host)
  assert.equal(await complaints(() => removeRecipient(store, recipient)), [
    `${of.path}: ${recipient} is not a recipient`,
  ])
  assert.equal(
    await complaints(() => removeRecipient(store, store.recipient, { scope: 'verification' })),
    [
      `scope verification: ${store.recipient} is not a recipient of the scope alone: ` +
        'it opens the store',
    ],
  )
  assert.equal(await complaints(() => addRecipient(store, recipient, { scope: 'verifcation' })), [
    'there is no scope verifcation; did you mean "verification"?',
  ])
  await removeRecipient(store, recipient, { scope: 'verification' })
  assert.equal(store.facts().holders, {})
  assert.match(await messageOf(() => openAsHost(of)), 'does not open this store')
})

test('a scope that is removed leaves no file', async ({ store, path }) => {
  await store.change(contents => removeScope(contents, 'verification'))
  assert.equal(await readdir(dirname(scopeOf(path))), [])
})

test('a rotated key opens the store and every scope; the old one opens none', async of => {
  await addRecipient(of.store, of.store.recipient, { scope: 'verification', name: 'anna' })
  const store = await rotateKey({ path: of.path, key: of.key })
  assert.equal(
    (await store.verify()).filter(line => !/escrow/.test(line)),
    [],
  )
  assert.equal(store.facts().scopes?.['verification']?.recipients.at(-1), store.recipient)
  assert.is(store.facts().holders?.[store.recipient]?.name, 'anna')
  await rename(of.path, `${of.path}.aside`)
  const opened = (await openSecrets({ path: of.path, key: of.key })) as Scopes
  assert.equal(opened.scopes(), ['verification'])
  assert.match(
    await messageOf(() => openSecrets({ path: of.path, key: `${of.key}.previous` })),
    'there is no such store',
  )
  assert.is((await openAsHost(of)).get('stage/read').reveal(), 'hunter-read')
})

test('a rotation that was broken off is finished in the scopes too', async of => {
  await addRecipient(of.store, of.store.recipient, { scope: 'verification' })
  const fresh = join(of.folder, 'fresh.key')
  await writeKey(await createKey(fresh))
  // The rotation was killed before it wrote the store.
  const between = `${await readFile(fresh, 'utf8')}${await readFile(of.key, 'utf8')}`
  await writeFile(of.key, between, { mode: 0o600 })
  const store = await rotateKey({ path: of.path, key: of.key })
  const host = await recipientOf(of.host)
  assert.equal(store.facts().scopes?.['verification']?.recipients, [host, store.recipient])
  assert.equal(
    (await store.verify()).filter(line => !/escrow/.test(line)),
    [],
  )
})

test('the editor shows the secrets of a scope alone, and shares what is added', async of => {
  const { store, folder } = of
  const editor = async (script: string) => {
    const path = join(folder, 'editor')
    await writeFile(path, `#!/bin/sh\ncp "$1" ${join(folder, 'shown')}\n${script}\n`, {
      mode: 0o755,
    })
    return path
  }
  const result = await editStore(
    store,
    await editor('echo "stage/added: hunter-added" >>"$1"'),
    'verification',
  )
  assert.equal(result, { set: ['stage/added'], removed: [] })
  assert.is(await readFile(join(folder, 'shown'), 'utf8'), 'stage/read: hunter-read\n')
  assert.is((await openAsHost(of)).get('stage/added').reveal(), 'hunter-added')
  assert.is(store.get('stage/write').reveal(), 'hunter-write')
  const taken = await editor('echo "stage/write: x" >>"$1"')
  assert.equal(await complaints(() => editStore(store, taken, 'verification')), [
    'stage/write: has another value since the editor was opened: nothing was changed',
  ])
  assert.equal(await complaints(() => editStore(store, taken, 'writers')), [
    'there is no scope writers',
  ])
})

test('offline recipients open the store and each scope; two of them must stay', async of => {
  const { store, path, folder } = of
  const [paper, safe] = [await makeOffline('paper'), await makeOffline('safe')]
  await store.change(contents => {
    addOffline(contents, paper.made)
    addOffline(contents, safe.made)
  })
  assert.equal(await store.verify(), [])
  const key = join(folder, 'paper.key')
  await writeFile(key, `${paper.key.reveal()}\n`, { mode: 0o600 })
  assert.is((await openStore({ path, key })).get('stage/write').reveal(), 'hunter-write')
  const use = (name: string, day: string) =>
    store.change(contents => recordUse(contents, name, day))
  await use('paper', '2026-10-02')
  assert.equal(store.facts().holders?.[paper.made.recipient]?.used, ['2026-10-02'])
  assert.match(await readFile(scopeOf(path).replace('.age', '.yaml'), 'utf8'), 'used 2 Oct 2026')
  await rename(path, `${path}.aside`)
  assert.equal(((await openSecrets({ path, key })) as Scopes).names(), ['stage/read'])
  await rename(`${path}.aside`, path)
  assert.equal(await complaints(() => removeRecipient(store, safe.made.recipient)), [
    'safe is one of the last two offline recipients',
  ])
  assert.equal(await complaints(() => use('papr', '2026-10-02')), [
    'there is no offline recipient papr; did you mean "paper"?',
  ])
  assert.equal(await complaints(() => use('paper', '2026-02-30')), ['"2026-02-30" is not a day'])
})

/** Every file below the folder but keys, as text. */
const readAll = async (folder: string): Promise<Map<string, string>> => {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const paths = entries.filter(it => it.isFile()).map(it => join(it.parentPath, it.name))
  return new Map(
    await Promise.all(paths.map(async path => [path, await readFile(path, 'utf8')] as const)),
  )
}

test('a change that was killed between two files is completed by who comes next', async of => {
  const secrets = dirname(of.path)
  const before = await readAll(secrets)
  await of.store.set('stage/read', 'hunter-two')
  const after = await readAll(secrets)
  const files = [...after]
    .filter(([path, content]) => before.get(path) !== content)
    .map(([path, content]) => ({ path, content, mode: 0o644 }))
  assert.is(files.length, 2, 'the store and the scope')
  for (const key of [of.key, of.host])
    for (const last of [0, 1, 2]) {
      await rm(secrets, { recursive: true })
      await mkdir(join(secrets, 'scopes'), { recursive: true })
      for (const [path, content] of before) await writeFile(path, content)
      let renamed = 0
      const dead = () => Promise.reject(new Error('killed'))
      await writeAll(`${of.path}.journal`, files, {
        write: (path, content) => writeFile(path, content),
        rename: (from, to) => (renamed++ < last ? rename(from, to) : dead()),
        remove: dead,
      }).catch(() => {})
      const opened = await openSecrets({ path: of.path, key })
      assert.is(opened.get('stage/read').reveal(), 'hunter-two', `${last} of the files`)
      assert.equal(await readAll(secrets), after)
    }
})

test.run()
