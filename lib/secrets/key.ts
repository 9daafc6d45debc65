import { readFile, stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { InputError } from '../errors/input-error.ts'
import { writeWhole } from './write.ts'

/** An age identity: what opens a store. */
export interface AgeKey {
  /** File that it was read from. */
  readonly path: string
  /** `AGE-SECRET-KEY-…` lines, the first one our own. */
  readonly identities: readonly string[]
  /** `age1…` of the first: what others add as a recipient. */
  readonly recipient: string
}

/** The operator's key file: `BRD_AGE_KEY_FILE`, by default `~/.config/brd/age.key`. */
export const findKeyFile = (): string =>
  process.env['BRD_AGE_KEY_FILE'] || join(homedir(), '.config', 'brd', 'age.key')

/** Loaded late: it costs 0.1 s that a run without secrets need not spend. */
export const loadAge = () => import('age-encryption')

/** The key of a file that only its owner may read. */
export const readKey = async (path: string): Promise<AgeKey> => {
  const text = await readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw cause.code === 'ENOENT' ? createMissingError(path, cause) : cause
  })
  if ((await stat(path)).mode & 0o077)
    throw new InputError({
      place: path,
      message: 'others may read this key',
      next: `chmod 600 ${path}`,
    })
  const identities = text
    .split('\n')
    .flatMap(line => (line.startsWith('AGE-SECRET-KEY-1') ? [line.trim()] : []))
  if (identities[0] === undefined)
    throw new InputError({
      place: path,
      message: 'holds no AGE-SECRET-KEY-1… line',
      next: 'Name your age key with BRD_AGE_KEY_FILE.',
    })
  return { path, identities, recipient: await deriveRecipient(identities[0], path) }
}

/** A new key that also Debian's age reads, not yet written. */
export const createKey = async (path: string): Promise<AgeKey> => {
  const { generateX25519Identity, identityToRecipient } = await loadAge()
  const identity = await generateX25519Identity()
  return { path, identities: [identity], recipient: await identityToRecipient(identity) }
}

/** The key is in its file, readable by its owner only. */
export const writeKey = ({ path, identities, recipient }: AgeKey): Promise<void> =>
  writeWhole(
    path,
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

const createMissingError = (path: string, cause: Error) =>
  new InputError(
    {
      place: path,
      message: 'there is no age key',
      next: 'Make one with `npx zx scripts/secrets.ts init`, or name yours with BRD_AGE_KEY_FILE.',
    },
    { cause },
  )
