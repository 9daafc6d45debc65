import { readFile } from 'node:fs/promises'
import type { ParsedKey } from 'ssh2'
import ssh2 from 'ssh2'
import type { AskPassphrase, Identity } from './identity.ts'

const { utils } = ssh2 // a CommonJS module: its names are not seen from here

/** The key in a file, or why it cannot be offered: empty for a default file that is not there. */
export const readKeyFile = async (
  path: string,
  ask: AskPassphrase | undefined,
  named: boolean,
): Promise<Identity | string> => {
  const data = await readFile(path).catch((error: NodeJS.ErrnoException) => error)
  if (data instanceof Error)
    return data.code === 'ENOENT' && !named
      ? ''
      : `${path}: ${data.code === 'ENOENT' ? 'no such file' : data.code}`
  const parsed = parseKey(data)
  if (!(parsed instanceof Error))
    return parsed.isPrivateKey()
      ? createFileIdentity(path, parsed, async () => parsed)
      : `${path}: not a private key`
  if (!/encrypted/i.test(parsed.message)) return `${path}: ${parsed.message}`
  const publicKey = await readPublicKey(path, data)
  if (typeof publicKey === 'string') return `${path}: encrypted, and ${path}.pub ${publicKey}`
  return ask
    ? createFileIdentity(path, publicKey, createUnlocker(path, data, ask))
    : `${path}: encrypted, and not in the agent (ssh-add ${path})`
}

const createFileIdentity = (
  path: string,
  publicKey: ParsedKey,
  unlocked: () => Promise<ParsedKey>,
): Identity => ({
  label: path,
  publicKey,
  sign: async (data, hash) => {
    const signature: Buffer | Error = (await unlocked()).sign(data, hash)
    if (signature instanceof Error) throw signature
    return signature
  },
})

/**
 * Decrypts a key at its first use, and keeps it: one decryption costs over a second. Three tries,
 * as with ssh.
 */
const createUnlocker = (
  path: string,
  data: Buffer,
  ask: AskPassphrase,
): (() => Promise<ParsedKey>) => {
  let key: Promise<ParsedKey> | undefined
  const unlock = async (): Promise<ParsedKey> => {
    for (let left = 3; left > 0; left--) {
      const parsed = parseKey(data, (await ask(`Passphrase of ${path}`)).reveal())
      if (!(parsed instanceof Error)) return parsed
    }
    throw new Error(`the passphrase of ${path} was wrong three times`)
  }
  return () => {
    key ??= unlock()
    return key
  }
}

/**
 * The public part of an encrypted key: OpenSSH's own format carries it in clear; older ones have a
 * file beside them. A text says what is wrong with that file.
 */
const readPublicKey = async (path: string, data: Buffer): Promise<ParsedKey | string> => {
  const own = parseKey(extractPublicKey(data.toString('latin1')))
  const beside = await readFile(`${path}.pub`).catch((error: NodeJS.ErrnoException) => error)
  if (beside instanceof Error && !(own instanceof Error)) return own
  if (beside instanceof Error)
    return beside.code === 'ENOENT' ? 'is missing' : `cannot be read: ${beside.code}`
  const parsed = parseKey(beside)
  return parsed instanceof Error ? 'is not a public key' : parsed
}

/**
 * `TYPE BASE64` from the head of an openssh-key-v1 file: a magic word, three strings, a count, the
 * public key.
 */
const extractPublicKey = (pem: string): string => {
  const body = Buffer.from(pem.replace(/-----[^-]*-----/g, ''), 'base64')
  const magic = 'openssh-key-v1\0'
  if (body.toString('latin1', 0, magic.length) !== magic) return ''
  let at = magic.length
  const string = (): Buffer => {
    const length = body.readUInt32BE(at)
    at += 4 + length
    return body.subarray(at - length, at)
  }
  for (let skipped = 0; skipped < 3; skipped++) string()
  at += 4
  const key = string()
  return `${key.toString('latin1', 4, 4 + key.readUInt32BE(0))} ${key.toString('base64')}`
}

const parseKey = (data: Buffer | string, passphrase?: string): ParsedKey | Error => {
  const parsed: ParsedKey | ParsedKey[] | Error = utils.parseKey(data, passphrase)
  return Array.isArray(parsed) ? (parsed[0] ?? new Error('holds no key')) : parsed
}
