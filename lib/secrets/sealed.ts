import { existsSync } from 'node:fs'
import { parse, stringify } from 'yaml'
import * as z from 'zod'
import { followLink } from '../disk/follow-link.ts'
import { writeWhole } from '../disk/write-whole.ts'
import { InputError } from '../errors/input-error.ts'
import { readTextFile } from '../errors/read-text.ts'
import { type AgeKey, loadAge } from './key.ts'

const contents = z.strictObject({
  /**
   * `age1…` of everyone who can open the store. It is inside the encrypted text, so that editing
   * the repository does not give access.
   */
  recipients: z.array(z.string()).min(1),
  /** Key of the HMACs, base64. */
  hmacKey: z.string(),
  secrets: z.record(z.string(), z.string()),
})
/** The decrypted contents of a store. */
export type StoreContents = z.infer<typeof contents>

/** Reads and decrypts a store; null if the file does not exist. */
export const readSealed = async (path: string, key: AgeKey): Promise<StoreContents | null> => {
  if (!existsSync(await followLink(path))) return null
  const text = readTextFile(path, { place: path })
  const parsed = contents.safeParse(parseQuietly(await decrypt(text, path, key)))
  if (!parsed.success) throw new InputError({ place: path, message: 'is not a store of secrets' })
  return parsed.data
}

/** Encrypts the contents to their recipients and writes them durably. */
export const writeSealed = async (path: string, sealed: StoreContents): Promise<void> => {
  const { Encrypter, armor } = await loadAge()
  const encrypter = new Encrypter()
  for (const recipient of sealed.recipients) encrypter.addRecipient(recipient)
  await writeWhole(
    await followLink(path),
    armor.encode(await encrypter.encrypt(stringify(sealed, { lineWidth: 0 }))),
    0o644,
  )
}

const decrypt = async (text: string, path: string, key: AgeKey) => {
  const { Decrypter, armor } = await loadAge()
  const decrypter = new Decrypter()
  for (const identity of key.identities) decrypter.addIdentity(identity)
  try {
    return await decrypter.decrypt(armor.decode(text), 'text')
  } catch (cause) {
    throw /no identity matched/.test(String(cause))
      ? createAccessError(path, key, cause)
      : createDamagedError(path, text, cause)
  }
}

const createAccessError = (path: string, key: AgeKey, cause: unknown) =>
  new InputError(
    {
      place: path,
      message: `the key ${key.path} does not open this store`,
      next:
        'Ask another recipient to run: ' +
        `npx zx scripts/secrets.ts add-recipient ${key.recipient}`,
    },
    { cause },
  )

const createDamagedError = (path: string, text: string, cause: unknown) =>
  new InputError(
    /^<{7} /m.test(text)
      ? {
          place: path,
          message: 'has the marks of a merge conflict',
          next:
            `Take one side: git checkout --ours -- ${path} (or --theirs); ` +
            'set again what the other one changed, then git add it.',
        }
      : {
          place: path,
          message: 'is damaged, or not an age file',
          next: `Restore it: git checkout -- ${path}`,
        },
    { cause },
  )

/** Parses YAML. A parser's error could quote a secret, so it is dropped. */
const parseQuietly = (text: string): unknown => {
  try {
    return parse(text)
  } catch {
    return null
  }
}
