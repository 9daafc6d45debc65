import { existsSync } from 'node:fs'
import { parse, stringify } from 'yaml'
import * as z from 'zod'
import { followLink } from '../disk/follow-link.ts'
import { writeWhole } from '../disk/write-whole.ts'
import { InputError } from '../errors/input-error.ts'
import { readTextFile } from '../errors/read-text.ts'
import { type AgeKey, loadAge } from './key.ts'

const holder = z.strictObject({
  /** Who it is, for people. */
  name: z.string(),
  /** An offline recipient: its key is on paper or in a safe (escrow). */
  offline: z.boolean().optional(),
  /** Days on which the offline key was used, such as 2026-10-02. */
  used: z.array(z.string()).optional(),
})
const holders = z.record(z.string(), holder).optional()
const values = z.record(z.string(), z.string())

const contents = z.strictObject({
  /**
   * `age1…` of everyone who can open the store. It is inside the encrypted text, so that editing
   * the repository does not give access.
   */
  recipients: z.array(z.string()).min(1),
  /** Key of the HMACs, base64. */
  hmacKey: z.string(),
  secrets: values,
  /** What is known of recipients, by `age1…`. */
  holders,
  /** The scopes, by name. The store's own recipients open each of them too. */
  scopes: z
    .record(
      z.string(),
      z.strictObject({
        recipients: z.array(z.string()),
        /** Names and patterns of the secrets that are copied into it. */
        share: z.array(z.string()),
      }),
    )
    .optional(),
})
/** The decrypted contents of a store. */
export type StoreContents = z.infer<typeof contents>

const scopeContents = z.strictObject({
  /** Its name. A scope's file under another scope's name is refused. */
  scope: z.string(),
  recipients: z.array(z.string()).min(1),
  share: z.array(z.string()),
  hmacKey: z.string(),
  secrets: values,
  holders,
})
/** The decrypted contents of a scope: copies of the store's secrets that it shares. */
export type ScopeContents = z.infer<typeof scopeContents>

/** The key opens neither this file nor is it damaged: it is not meant for the key. */
export class AccessError extends InputError {}

/** Reads and decrypts a store; null if the file does not exist. */
export const readSealed = (path: string, key: AgeKey): Promise<StoreContents | null> =>
  read(path, key, contents, 'is not a store of secrets')

/** Reads and decrypts a scope; null if the file does not exist. */
export const readSealedScope = async (
  path: string,
  scope: string,
  key: AgeKey,
): Promise<ScopeContents | null> => {
  const found = await read(path, key, scopeContents, 'is not a scope of secrets', scope)
  if (found === null || found.scope === scope) return found
  throw new InputError({
    place: path,
    message: `contains the scope ${found.scope}`,
    next: `Restore it: git checkout -- ${path}`,
  })
}

const read = async <T>(
  path: string,
  key: AgeKey,
  schema: z.ZodType<T>,
  otherwise: string,
  scope?: string,
): Promise<T | null> => {
  if (!existsSync(await followLink(path))) return null
  const text = readTextFile(path, { place: path })
  const parsed = schema.safeParse(parseQuietly(await decrypt(text, path, key, scope)))
  if (!parsed.success) throw new InputError({ place: path, message: otherwise })
  return parsed.data
}

/** Encrypts the contents to their recipients. */
export const seal = async (sealed: StoreContents | ScopeContents): Promise<string> => {
  const { Encrypter, armor } = await loadAge()
  const encrypter = new Encrypter()
  for (const recipient of sealed.recipients) encrypter.addRecipient(recipient)
  return armor.encode(await encrypter.encrypt(stringify(sealed, { lineWidth: 0 })))
}

/** Encrypts the contents to their recipients and writes them durably. */
export const writeSealed = async (path: string, sealed: StoreContents): Promise<void> =>
  writeWhole(await followLink(path), await seal(sealed), 0o644)

const decrypt = async (text: string, path: string, key: AgeKey, scope?: string) => {
  const { Decrypter, armor } = await loadAge()
  const decrypter = new Decrypter()
  for (const identity of key.identities) decrypter.addIdentity(identity)
  try {
    return await decrypter.decrypt(armor.decode(text), 'text')
  } catch (cause) {
    throw /no identity matched/.test(String(cause))
      ? createAccessError(path, key, scope, cause)
      : createDamagedError(path, text, cause)
  }
}

const createAccessError = (path: string, key: AgeKey, scope: string | undefined, cause: unknown) =>
  new AccessError(
    {
      place: path,
      message: `the key ${key.path} does not open this ${scope === undefined ? 'store' : 'scope'}`,
      next:
        'Ask another recipient to run: ' +
        `npx zx scripts/secrets.ts add-recipient ${key.recipient}` +
        (scope === undefined ? '' : ` --scope ${scope}`),
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
