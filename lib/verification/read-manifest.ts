import { createDecipheriv, createPublicKey, pbkdf2Sync, verify } from 'node:crypto'
import { type Manifest, readManifest } from '../backups/manifest.ts'
import { Unreadable } from '../backups/unreadable.ts'
import type { Secret } from '../secret.ts'
import { Finding } from './checks.ts'

/** A manifest as the bucket has it. */
export type SealedManifest = {
  /** What `openssl enc -aes-256-ctr -pbkdf2 -iter 100000 -salt` wrote. */
  readonly encrypted: Buffer
  /** The Ed25519 signature of that. */
  readonly signature: Buffer
}

const ITERATIONS = 100_000

/**
 * Opens a manifest. Throws a Finding: `failed` if it was not signed by this environment, or is
 * something else; `unverified` if the key here is another one than the one it was encrypted with.
 */
export const openManifest = (
  { encrypted, signature }: SealedManifest,
  of: { readonly environment: string; readonly backup: string },
  keys: { readonly publicKey: string; readonly password: Secret },
): Manifest => {
  if (!verify(null, encrypted, createPublicKey(keys.publicKey), signature))
    throw new Finding('failed', 'the manifest is not signed by this environment: it was edited')
  const text = decrypt(encrypted, keys.password)
  // It is whole, since its signature is good: otherwise the key is wrong.
  if (!text.startsWith('{"version":'))
    throw new Finding('unverified', "the key here does not open the manifest: it is another's")
  try {
    return readManifest(text, of)
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error
    throw new Finding('failed', error.message, { cause: error })
  }
}

const decrypt = (encrypted: Buffer, password: Secret): string => {
  if (encrypted.subarray(0, 8).toString('latin1') !== 'Salted__')
    throw new Finding('failed', 'the manifest is not encrypted')
  const salt = encrypted.subarray(8, 16)
  // The file of the password ends at its first line.
  const derived = pbkdf2Sync(password.reveal().split('\n')[0] ?? '', salt, ITERATIONS, 48, 'sha256')
  const cipher = createDecipheriv('aes-256-ctr', derived.subarray(0, 32), derived.subarray(32))
  return Buffer.concat([cipher.update(encrypted.subarray(16)), cipher.final()]).toString('utf8')
}
