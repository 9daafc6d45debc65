import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { InputError } from '../../../lib/errors/input-error.ts'
import { createKey, loadAge } from '../../../lib/secrets/key.ts'
import { readSealed, writeSealed } from '../../../lib/secrets/sealed.ts'

const folder = mkdtempSync(join(tmpdir(), 'brd-sealed-'))
const test = suite('sealed')
test.after(() => rmSync(folder, { recursive: true }))

const key = await createKey(join(folder, 'key'))
const sealed = {
  recipients: [key.recipient],
  hmacKey: 'a2V5',
  secrets: { long: 'x '.repeat(300), lines: 'a\n\n b\n' },
}

/** Encrypts a text to the key, whatever it says. */
const seal = async (name: string, text: string): Promise<string> => {
  const { Encrypter, armor } = await loadAge()
  const encrypter = new Encrypter()
  encrypter.addRecipient(key.recipient)
  const path = join(folder, name)
  writeFileSync(path, armor.encode(await encrypter.encrypt(text)))
  return path
}

const complain = (path: string, by = key): Promise<unknown> =>
  readSealed(path, by).then(
    () => null,
    (error: unknown) => error,
  )

test('what is written is read again', async () => {
  const path = join(folder, 'whole.age')
  await writeSealed(path, sealed)
  assert.equal(await readSealed(path, key), sealed)
})

test('a file that does not exist is no store; one that cannot be read is an error', async () => {
  assert.is(await readSealed(join(folder, 'none.age'), key), null)
  const path = join(folder, 'folder.age')
  mkdirSync(path)
  const error = await complain(path)
  assert.match(String(error), /folder\.age: is a folder, not a file$/)
})

test('a decrypted text that is not a store is refused without being quoted', async () => {
  for (const text of [
    'hunter22: [',
    '- hunter22',
    'recipients: []\nhmacKey: hunter22\nsecrets: {}\n',
    'recipients: [age1x]\nhmacKey: hunter22\nsecrets: {}\nmore: 1\n',
  ]) {
    const path = await seal('strange.age', text)
    const error = await complain(path)
    assert.instance(error, InputError)
    assert.is((error as InputError).message, `${path}: is not a store of secrets`)
  }
})

test('whose key does not open it is told whom to ask for what', async () => {
  const path = join(folder, 'whole.age')
  await writeSealed(path, sealed)
  const other = await createKey(join(folder, 'other'))
  const error = (await complain(path, other)) as InputError
  assert.is(
    error.message,
    `${path}: the key ${other.path} does not open this store\n` +
      `  Ask another recipient to run: npx zx scripts/secrets.ts add-recipient ${other.recipient}`,
  )
  assert.match(String(error.cause), 'no identity matched')
})

test('a damaged file says how it is restored, and keeps the cause', async () => {
  const path = join(folder, 'damaged.age')
  writeFileSync(path, 'hello')
  const error = (await complain(path)) as InputError
  assert.is(
    error.message,
    `${path}: is damaged, or not an age file\n  Restore it: git checkout -- ${path}`,
  )
  assert.ok(error.cause)
})

test('a store with a merge conflict names the way out of it', async () => {
  const path = join(folder, 'conflict.age')
  writeFileSync(path, '<<<<<<< HEAD\n-----BEGIN\n=======\nx\n>>>>>>> other\n')
  assert.match(
    String(await complain(path)),
    /conflict\.age: has the marks of a merge conflict\n {2}Take one side: git checkout --ours/,
  )
})

test('a symlink to nothing, and one to itself, is not an absent store', async () => {
  const [nowhere, loop] = [join(folder, 'nowhere.age'), join(folder, 'loop.age')]
  symlinkSync(join(folder, 'unmounted', 'brd.age'), nowhere)
  symlinkSync(loop, loop)
  assert.match(String(await complain(nowhere)), /nowhere\.age: is a symlink to nothing/)
  assert.match(String(await complain(loop)), /loop\.age: cannot be read \(ELOOP\)/)
})

test.run()
