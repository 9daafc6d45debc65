import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'

// What precedes the seed of an Ed25519 key in PKCS #8.
const PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex')

const makeKey = (seed: string): KeyObject => {
  if (!/^[0-9a-f]{64}$/.test(seed))
    throw new Error('a key that signs manifests is 64 hexadecimal digits')
  const key = Buffer.concat([PREFIX, Buffer.from(seed, 'hex')])
  return createPrivateKey({ key, format: 'der', type: 'pkcs8' })
}

/** The two halves of the key that signs an environment's manifests, as PEM. */
export type ManifestKey = {
  /** Signs. The environment's own alone. */
  readonly privateKey: string
  /** Verifies. */
  readonly publicKey: string
}

/** Makes the key that signs manifests from its seed of 64 hexadecimal digits. */
export const makeManifestKey = (seed: string): ManifestKey => {
  const key = makeKey(seed)
  return {
    privateKey: key.export({ type: 'pkcs8', format: 'pem' }) as string,
    publicKey: createPublicKey(key).export({ type: 'spki', format: 'pem' }) as string,
  }
}
