import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import { writeWhole } from '../disk/write-whole.ts'
import { InputError } from '../errors/input-error.ts'

/** The Ed25519 key that a verification host signs its ledger with. */
export type SigningKey = {
  readonly privateKey: KeyObject
  readonly publicKey: KeyObject
  /** The public half as PEM: for those who read the ledger elsewhere. */
  readonly publicText: string
  /** It was made just now. */
  readonly isNew: boolean
}

/**
 * Opens the key at a path, PEM, which only its owner may read. It is made on first use, unless
 * `mayMake` is false: lines that another key has signed could then not be read.
 */
export const openSigningKey = async (
  path: string,
  { mayMake }: { readonly mayMake: boolean },
): Promise<SigningKey> => {
  const found = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT')
      throw new InputError({ place: path, message: `cannot be read (${error.code})` })
    return null
  })
  if (found === null && !mayMake)
    throw new InputError({
      place: path,
      message: 'is missing, and the ledger beside it was signed with it',
      next: 'Bring it back from a backup of this host, or begin a ledger in another folder.',
    })
  const text = found ?? makeKey()
  if (found === null) await writeWhole(path, text, 0o600)
  else if (((await stat(path)).mode & 0o077) !== 0)
    throw new InputError({
      place: path,
      message: 'others than its owner may read it',
      next: `If nobody else did: chmod 600 ${path}`,
    })
  const privateKey = parseKey(path, text)
  const publicKey = createPublicKey(privateKey)
  return {
    privateKey,
    publicKey,
    publicText: publicKey.export({ type: 'spki', format: 'pem' }) as string,
    isNew: found === null,
  }
}

const makeKey = (): string =>
  generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }) as string

const parseKey = (path: string, text: string): KeyObject => {
  try {
    const key = createPrivateKey(text)
    if (key.asymmetricKeyType === 'ed25519') return key
  } catch {
    // What is wrong with it is said below, without a word of its text.
  }
  throw new InputError({ place: path, message: 'is not an Ed25519 key in PEM' })
}
