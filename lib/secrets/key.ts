import { stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { followLink } from '../disk/follow-link.ts'
import { writeWhole } from '../disk/write-whole.ts'
import { InputError } from '../errors/input-error.ts'
import { readTextFile } from '../errors/read-text.ts'

/** An age key, which opens a store. */
export interface AgeKey {
  /** The file that contains it. */
  readonly path: string
  /** `AGE-SECRET-KEY-…` lines. The first one is the operator's own. */
  readonly identities: readonly string[]
  /** `age1…` of the first, which others add as a recipient. */
  readonly recipient: string
}

/** Finds the operator's key file: `BRD_AGE_KEY_FILE`, or `~/.config/brd/age.key`. */
export const findKeyFile = (): string =>
  process.env['BRD_AGE_KEY_FILE'] || join(homedir(), '.config', 'brd', 'age.key')

/** Loads the age library on demand: it costs 0.1 s, which a run without secrets saves. */
export const loadAge = () => import('age-encryption')

/** Reads a key file. Only its owner may have access to it. */
export const readKey = async (path: string): Promise<AgeKey> => {
  const text = readTextFile(path, {
    place: path,
    missing: 'there is no age key',
    next: 'Create one with `npx zx scripts/secrets.ts init`, or set BRD_AGE_KEY_FILE to yours.',
  })
  if ((await stat(path)).mode & 0o077)
    throw new InputError({
      place: path,
      message: 'other users can read this key',
      next: `chmod 600 ${path}`,
    })
  const identities = text
    .split('\n')
    .flatMap(line => (line.startsWith('AGE-SECRET-KEY-1') ? [line.trim()] : []))
  if (identities[0] === undefined)
    throw new InputError({
      place: path,
      message: 'contains no AGE-SECRET-KEY-1… line',
      next: 'Name your age key with BRD_AGE_KEY_FILE.',
    })
  return { path, identities, recipient: await deriveRecipient(identities[0], path) }
}

/** Creates a key, without writing it. Debian's age can read it too. */
export const createKey = async (path: string): Promise<AgeKey> => {
  const { generateX25519Identity, identityToRecipient } = await loadAge()
  const identity = await generateX25519Identity()
  return { path, identities: [identity], recipient: await identityToRecipient(identity) }
}

/** Writes a key to its file, readable only by its owner. */
export const writeKey = async ({ path, identities, recipient }: AgeKey): Promise<void> =>
  writeWhole(
    await followLink(path),
    `# recipient: ${recipient}\n${identities.map(line => `${line}\n`).join('')}`,
    0o600,
  )

const deriveRecipient = async (identity: string, path: string) =>
  (await loadAge()).identityToRecipient(identity).catch(cause => {
    throw new InputError(
      { place: path, message: 'its AGE-SECRET-KEY-1… line is damaged' },
      { cause },
    )
  })

/** Refuses what is not an age recipient. A secret key is not quoted. */
export const checkRecipient = async (recipient: string): Promise<void> => {
  const { Encrypter } = await loadAge()
  const isSecret = /^AGE-SECRET-KEY/i.test(recipient)
  try {
    new Encrypter().addRecipient(recipient)
  } catch (cause) {
    throw new InputError(
      isSecret
        ? {
            message: 'that is a secret key, and not its recipient (age1…)',
            next: 'It was in an argument: replace it, and give the public line of the new one.',
          }
        : {
            message: `"${recipient}" is not an age recipient (age1…)`,
            next: 'Ask for the line that `npx zx scripts/secrets.ts init` prints.',
          },
      isSecret ? {} : { cause },
    )
  }
}
