import { createHmac } from 'node:crypto'
import { stringify } from 'yaml'
import { InputError } from '../errors/input-error.ts'
import { describeHolder } from './holders.ts'
import type { ScopeContents, StoreContents } from './sealed.ts'

const generation = /\.(next|previous|generation|\d+)$/

/**
 * True if a scope with this list has the secret. `*` is any text without a slash. The generations
 * of a secret (`NAME.next`, `NAME.previous`, `NAME.1`) go with it: a rotation must not part them.
 */
export const isShared = (share: readonly string[], name: string): boolean => {
  const base = name.replace(generation, '')
  return share.some(pattern => matches(pattern, name) || matches(pattern, base))
}

const matches = (pattern: string, name: string): boolean => {
  const [patterns, names] = [pattern.split('/'), name.split('/')]
  return patterns.length === names.length && patterns.every((part, i) => fits(part, names[i]!))
}

// Its texts are searched in order, since a regular expression of several stars may take
// exponential time.
const fits = (pattern: string, part: string): boolean => {
  const [first = '', ...texts] = pattern.split('*')
  const last = texts.pop()
  if (last === undefined) return pattern === part
  let at = first.length
  for (const text of texts) {
    const found = part.indexOf(text, at)
    if (found < 0) return false
    at = found + text.length
  }
  return part.startsWith(first) && part.endsWith(last) && at <= part.length - last.length
}

/** What a scope's file must hold. Its recipients are its own and those of the store. */
export const makeScope = (contents: StoreContents, name: string): ScopeContents => {
  const { recipients: own, share } = contents.scopes?.[name] ?? { recipients: [], share: [] }
  const recipients = [...new Set([...contents.recipients, ...own])]
  const holders = Object.entries(contents.holders ?? {}).filter(([who]) => recipients.includes(who))
  return {
    scope: name,
    recipients,
    share,
    hmacKey: createHmac('sha256', Buffer.from(contents.hmacKey, 'base64'))
      .update(`scope\0${name}`)
      .digest('base64'),
    secrets: Object.fromEntries(
      Object.entries(contents.secrets).filter(([secret]) => isShared(share, secret)),
    ),
    ...(holders.length > 0 ? { holders: Object.fromEntries(holders) } : {}),
  }
}

/** The list beside a scope's file: whom it opens for, and what it shares, for reviews. */
export const formatScopeList = ({ scope, recipients, share, holders }: ScopeContents): string =>
  `# The scope ${scope}, written by scripts/secrets.ts for reviews. What counts is inside the
# encrypted file: a change here gives no access, and \`secrets.ts verify\` finds it.
${stringify(
  { recipients: recipients.map(who => describeHolder(who, holders?.[who])), share },
  { lineWidth: 0 },
)}`

/** Refuses a name that cannot be that of a file, or that looks like a flag. */
export const checkScopeName = (name: string): void => {
  if (!/^[a-z\d][a-z\d-]{0,63}$/.test(name))
    throw new InputError({
      message: `"${name}" is not a valid name of a scope`,
      next: 'Use lower-case letters, digits and dashes.',
    })
}

/** Refuses what matches no possible name of a secret. */
export const checkPattern = (pattern: string): void => {
  if (!/^[A-Za-z\d*][A-Za-z\d._/*-]*$/.test(pattern))
    throw new InputError({
      message: `"${pattern}" is not a name or a pattern of secrets`,
      next: 'Use a name, or one with stars, in quotes: "stage/backup-read-*".',
    })
}
