import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { parseStrictly } from '../../lib/cli/command-line.ts'
import { InputError } from '../../lib/errors/input-error.ts'
import { createKey, writeKey } from '../../lib/secrets/key.ts'
import { openStore } from '../../lib/secrets/store.ts'
import { findCommand, flags } from '../../scripts/secrets/commands.ts'
import { zxArguments } from '../support/run-playbook.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const test = suite<{ folder: string }>('secrets.ts')
test.before.each(context => {
  context.folder = mkdtempSync(join(tmpdir(), 'brd-secrets-script-'))
})
test.after.each(({ folder }) => rmSync(folder, { recursive: true }))

/** Runs a command in a process of its own; its stdin is the value. */
const spawnScript = async (folder: string, words: string, value = ''): Promise<string> => {
  const child = spawn(
    process.execPath,
    [
      ...zxArguments('scripts/secrets.ts'),
      ...words.split(' '),
      ...['--store', join(folder, 'brd.age'), '--key', join(folder, 'own')],
    ],
    { cwd: root, stdio: ['pipe', 'pipe', 'inherit'] },
  )
  child.stdin.end(value)
  const [out, code] = await Promise.all([
    text(child.stdout),
    new Promise<number | null>(resolve => child.on('close', resolve)),
  ])
  assert.is(code, 0, words)
  return out
}

/** Runs a command on the store of the folder, by the key of that name. */
const done = async (folder: string, line: string, key = 'own'): Promise<string> => {
  const given = parseStrictly(line.split(' '), flags, true)
  const { act, word } = findCommand(given.words, given.flags)
  const where = { path: join(folder, 'brd.age'), key: join(folder, key) }
  const { lab = false, ...more } = given.flags
  return act({ ...more, where, word, lab })
}
const refused = async (...given: Parameters<typeof done>): Promise<string> => {
  try {
    await done(...given)
  } catch (error) {
    if (error instanceof InputError) return error.message
    throw error
  }
  throw new Error(`${given[1]} was not refused`)
}
const set = async (folder: string, name: string, value: string): Promise<void> =>
  (await openStore({ path: join(folder, 'brd.age'), key: join(folder, 'own') })).set(name, value)
const makeKey = async (folder: string, name: string): Promise<string> => {
  const key = await createKey(join(folder, name))
  await writeKey(key)
  return key.recipient
}

test('a new store needs two offline recipients, or --without-escrow', async ({ folder }) => {
  const paper = await makeKey(folder, 'paper')
  for (const [words, why] of [
    ['init', '0 given'],
    ['init --escrow paper', '1 given'],
    [`init --escrow a=${paper} --escrow b=${paper}`, 'one was given twice'],
    ['init --escrow paper --escrow paper', 'one was given twice'],
    ['init --escrow paper=age1x --escrow safe', '"age1x" is not an age recipient'],
    ['init --escrow =x --escrow safe', '--escrow begins with a name'],
  ])
    assert.match(await refused(folder, words!), why!)
  assert.not.match(await refused(folder, `init --escrow a=AGE-SECRET-KEY-1Q --escrow b`), '1Q')
  assert.not(existsSync(join(folder, 'brd.age')))
  assert.not(existsSync(join(folder, 'own')))
  assert.match(await done(folder, 'init --without-escrow'), /Add two offline recipients/)
  assert.match(await refused(folder, 'verify'), 'has 0 of two offline recipients')
  assert.match(await refused(folder, 'init --escrow paper'), 'the store is there already')
})

test('a key that was made for escrow is printed once, opens the store, and is in no file', async ({
  folder,
}) => {
  const paper = await makeKey(folder, 'paper')
  const out = await spawnScript(folder, `init --escrow paper=${paper} --escrow safe`)
  const [key] = /AGE-SECRET-KEY-1\w+/.exec(out)!
  assert.is(out.match(/AGE-SECRET-KEY/g)?.length, 1)
  assert.not.match(readFileSync(join(folder, 'own'), 'utf8'), key)
  await set(folder, 'db', 'hunter22')
  writeFileSync(join(folder, 'safe'), `${key}\n`, { mode: 0o600 })
  for (const by of ['safe', 'paper']) assert.is(await done(folder, 'view db', by), 'hunter22')
  assert.match(await done(folder, 'escrow-used safe --on 2026-10-02'), 'used on 2026-10-02')
  assert.match(await done(folder, 'list'), /safe age1\w+, offline \(used 2 Oct 2026\)/)
  const vault = await makeKey(folder, 'vault')
  assert.match(await done(folder, `add-escrow vault --public ${vault}`), 'open for vault, age1')
  assert.match(
    await refused(folder, `add-escrow vault --public ${vault}`),
    'there is a recipient named vault',
  )
  assert.match(await refused(folder, `add-escrow x --public ${vault}`), 'opens the store already')
  assert.match(await done(folder, 'verify'), 'as they must be')
})

test('a scope is made, shared into, opened by its own key, and removed', async ({ folder }) => {
  const host = await makeKey(folder, 'host')
  await done(folder, 'init --without-escrow')
  await done(folder, 'add-scope verification')
  await done(folder, `add-recipient ${host} --scope verification --name host`)
  await spawnScript(folder, 'set stage/read --scope verification', 'hunter-read\n')
  await set(folder, 'stage/write', 'hunter-write')
  assert.match(await done(folder, 'list'), /verification: 1 secret, opens for host age1/)
  const list = await done(folder, 'list', 'host')
  assert.match(list, /^scope verification:\n {2}stage\/read\n/)
  assert.match(list, /host age1\w+ \(you\)\nshares:\n {2}stage\/read$/)
  assert.is(await done(folder, 'view stage/read', 'host'), 'hunter-read')
  assert.match(await refused(folder, 'view stage/write', 'host'), 'share stage/write --scope verif')
  for (const words of ['set a', 'remove stage/read', 'edit', 'rotate-key', 'write-scopes'])
    assert.match(
      await refused(folder, words, 'host'),
      /opens the scope verification only, and changes nothing\n {2}Whoever opens/,
    )
  await done(folder, 'share stage/w* --scope verification')
  assert.is(await done(folder, 'view stage/write', 'host'), 'hunter-write')
  await done(folder, 'unshare stage/w* --scope verification')
  assert.match(await refused(folder, 'view stage/write', 'host'), 'is not in the scope')
  assert.match(await done(folder, 'rotate-key'), 'Encrypted again: the scope verification.')
  assert.is(await done(folder, 'view stage/read', 'host'), 'hunter-read')
  assert.match(await done(folder, `add-recipient ${host}`), 'The store opens for')
  assert.match(await done(folder, `remove-recipient ${host}`), 'It still opens the scope verifi')
  await done(folder, `remove-recipient ${host} --scope verification`)
  assert.match(await refused(folder, 'list', 'host'), 'does not open this store')
  await done(folder, 'remove-scope verification')
  assert.not(existsSync(join(folder, 'scopes/verification.age')))
})

test('what a command does not take is refused', async ({ folder }) => {
  assert.match(await refused(folder, 'toString'), 'unknown command toString')
  assert.match(await refused(folder, 'list --on x'), 'list: does not take --on')
  assert.match(await refused(folder, 'list x'), 'list: takes no argument')
  await done(folder, 'init --without-escrow')
  assert.match(await refused(folder, 'share a'), /the scope is missing\n {2}Name it with --scope/)
  assert.match(await refused(folder, 'share a --scope b'), 'there is no scope b')
  assert.match(await refused(folder, 'list --scope b'), 'there is no scope b')
  assert.match(await refused(folder, 'set a --scope b'), 'there is no scope b')
})

test.run()
