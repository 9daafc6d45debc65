import { createHash } from 'node:crypto'

/** A line of authorized_keys that holds a key. */
export type KeyLine = {
  readonly line: string
  /** What restricts it, as it is written; empty for a login without restrictions. */
  readonly options: string
  readonly type: string
  /** The key itself, in base64. */
  readonly blob: string
  readonly comment: string
}

const KEY = /^([a-z][a-z0-9@.-]*)[ \t]+(AAAA[A-Za-z0-9+/]+=*)(?:[ \t]+(.*))?$/
/** Options end at the first blank that is not in quotes. A quote in quotes is written `\"`. */
const OPTIONS = /^((?:"(?:\\"|[^"\\]|\\(?!"))*"|[^" \t])+)[ \t]+/

/** Reads a line as sshd does; null for a comment, and for what sshd passes over. */
export const parseKeyLine = (text: string): KeyLine | null => {
  const line = text.trim()
  if (line.startsWith('#')) return null
  const bare = KEY.exec(line)
  const options = bare ? '' : (OPTIONS.exec(line)?.[1] ?? '')
  const parts = bare ?? KEY.exec(line.slice(options.length).trim())
  if (!parts) return null
  const [, type = '', blob = '', comment = ''] = parts
  return { line, options, type, blob, comment }
}

/** The names of its options, in lower case as sshd compares them. */
export const listOptions = ({ options }: KeyLine): readonly string[] =>
  [...options.matchAll(/(?<![\w-])([\w-]+)(?:="(?:\\"|[^"\\]|\\(?!"))*")?(?:,|$)/g)].map(
    ([, name = '']) => name.toLowerCase(),
  )

/** The key's fingerprint, as ssh-keygen -l prints it. */
export const computeFingerprint = ({ blob }: KeyLine): string => {
  const hash = createHash('sha256').update(Buffer.from(blob, 'base64')).digest('base64')
  return `SHA256:${hash.replace(/=+$/, '')}`
}
