import { createHash, createHmac } from 'node:crypto'

/** One line of a known_hosts file that names a key. */
export type KnownHost = {
  readonly file: string
  /** Line, from 1. */
  readonly line: number
  readonly marker: 'revoked' | 'cert-authority' | null
  /** The first column: names and patterns, or one hashed name. */
  readonly names: string
  readonly type: string
  readonly key: Buffer
}

/** A line that says nothing we can use, and why. */
export type Ignored = { readonly file: string; readonly line: number; readonly why: string }

/** What the known_hosts lines of a host say of the key it shows. */
export type Verdict =
  | { readonly kind: 'known' }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'changed'; readonly was: readonly KnownHost[] }
  | { readonly kind: 'revoked'; readonly by: KnownHost }

/**
 * The lines of a known_hosts file, read. Lines that cannot be read are named, and do not hide the
 * others.
 */
export const parseKnownHosts = (
  text: string,
  file: string,
): { hosts: KnownHost[]; ignored: Ignored[] } => {
  const hosts: KnownHost[] = []
  const ignored: Ignored[] = []
  for (const [i, raw] of text.split('\n').entries()) {
    const words = raw.trim().split(/\s+/)
    if (words[0] === '' || words[0]?.startsWith('#')) continue
    const read = parseLine(words)
    if (typeof read === 'string') ignored.push({ file, line: i + 1, why: read })
    else hosts.push({ file, line: i + 1, ...read })
  }
  return { hosts, ignored }
}

/**
 * The name that known_hosts uses for an address: as it is for port 22, `[address]:port` for others.
 */
export const formatKnownName = (address: string, port: number): string =>
  (port === 22 ? address : `[${address}]:${port}`).toLowerCase()

/**
 * The lines that speak of a host. Certificate authorities are left out: host certificates are not
 * supported.
 */
export const findLines = (hosts: readonly KnownHost[], name: string): KnownHost[] =>
  hosts.filter(({ marker, names }) => marker !== 'cert-authority' && matches(names, name))

/** Judges the key that a host shows by the lines that speak of it. */
export const judgeKey = (lines: readonly KnownHost[], key: Buffer): Verdict => {
  const same = lines.filter(line => line.key.equals(key))
  const by = same.find(({ marker }) => marker === 'revoked')
  if (by) return { kind: 'revoked', by }
  if (same.length > 0) return { kind: 'known' }
  const was = lines.filter(({ marker }) => marker === null)
  return was.length > 0 ? { kind: 'changed', was } : { kind: 'unknown' }
}

/**
 * Whether the first column of a line speaks of a host: hashed, or patterns with `*`, `?` and `!`.
 */
export const matches = (names: string, name: string): boolean => {
  if (names.startsWith('|1|')) return matchesHashed(names, name)
  const patterns = names.toLowerCase().split(',')
  if (patterns.some(pattern => pattern.startsWith('!') && matchesGlob(pattern.slice(1), name)))
    return false
  return patterns.some(pattern => !pattern.startsWith('!') && matchesGlob(pattern, name))
}

/** The name as `HashKnownHosts` writes it: who reads the file does not learn the hosts. */
export const hashName = (name: string, salt: Buffer): string =>
  `|1|${salt.toString('base64')}|${computeHmac(name, salt)}`

/** `SHA256:…` as ssh-keygen -l shows it. */
export const fingerprint = (key: Buffer): string =>
  `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`

/** Reads the type that a key names in its first field, such as `ssh-ed25519`; empty if missing. */
export const readKeyType = (key: Buffer): string => {
  const length = key.length >= 4 ? key.readUInt32BE(0) : 0
  return length > 0 && length <= key.length - 4 ? key.toString('latin1', 4, 4 + length) : ''
}

const markers = { '@revoked': 'revoked', '@cert-authority': 'cert-authority' } as const

const parseLine = (
  words: readonly string[],
): Pick<KnownHost, 'marker' | 'names' | 'type' | 'key'> | string => {
  const first = words[0] ?? ''
  const marked = first.startsWith('@')
  if (marked && !(first in markers)) return `unknown marker ${first}`
  const [names, type, base64] = marked ? words.slice(1) : words
  if (!names || !type || !base64) return 'not a line of names, key type and key'
  if (/^\d+$/.test(type)) return 'a key of SSH 1'
  const key = Buffer.from(base64, 'base64')
  if (readKeyType(key) !== type) return `not a key of type ${type}`
  return { marker: marked ? markers[first as keyof typeof markers] : null, names, type, key }
}

const matchesHashed = (names: string, name: string): boolean => {
  const [, , salt = '', hash] = names.split('|')
  return hash === computeHmac(name, Buffer.from(salt, 'base64'))
}

const computeHmac = (name: string, salt: Buffer): string =>
  createHmac('sha1', salt).update(name).digest('base64')

const matchesGlob = (pattern: string, name: string): boolean =>
  new RegExp(
    `^${pattern
      .replace(/[\\^$.+()[\]{}|]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '.')}$`,
  ).test(name)
