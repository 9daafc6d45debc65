import type { ParsedKey, SigningRequestOptions } from 'ssh2'
import type { Secret } from '../../secret.ts'

/** A key that can be offered to a host. */
export type Identity = {
  /** How messages call it. */
  readonly label: string
  readonly publicKey: ParsedKey
  readonly sign: (data: Buffer, hash: SigningRequestOptions['hash']) => Promise<Buffer>
}

/** Asks for a passphrase. Rejects when the person gives up. */
export type AskPassphrase = (question: string) => Promise<Secret>
