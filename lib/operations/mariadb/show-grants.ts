import { Unknown } from '../../operation.ts'
import { sh } from '../../sh.ts'
import { listPrivileges, writeLevel } from './privileges.ts'

/** What SHOW GRANTS says of a user. */
export type Granted = {
  /** Privileges by level, as MariaDB writes it: `*.*`, a database's tables, a procedure. */
  readonly levels: ReadonlyMap<string, ReadonlySet<string>>
  /** Its roles, quoted. A role gives privileges that no level shows. */
  readonly roles: readonly string[]
  /** The role that is active after its login, quoted. */
  readonly defaultRole: string | null
  /** Accounts as which it may act, quoted. */
  readonly proxies: readonly string[]
}

/**
 * A filter for SHOW GRANTS: passwords' hashes stay on the host, and the order is always the same,
 * which the server's is not.
 */
export const stripPasswords = sh`sed -e '/^GRANT .* ON \*\.\* TO /!b' \
  -e 's/ IDENTIFIED .*\( WITH GRANT OPTION\).*/\1/' -e t -e 's/ IDENTIFIED .*//' | sort`

const name = '(?:`(?:[^`]|``)*`|[\\w$-]+)'
const text = "'(?:[^'\\\\]|''|\\\\.)*'"
const part = `(?:${name}|${text})`
const account = `${part}(?:@${part})?`
const privilege = `[A-Z][A-Z_ ]*?(?: \\(${name}(?:, ?${name})*\\))?`
const routine = `(?:PROCEDURE|FUNCTION|PACKAGE BODY|PACKAGE) ${name}\\.${name}`
const tail = `((?:${text}|[^'\\n])*)`

// `s`: a name may contain a line break.
const lines = {
  proxy: new RegExp(`GRANT PROXY ON (${account}) TO (${account})${tail}\\n`, 'sy'),
  level: new RegExp(
    `GRANT (${privilege}(?:, ${privilege})*) ON ` +
      `(\\*\\.\\*|${name}\\.\\*|${routine}|${name}\\.${name}) TO (${account})${tail}\\n`,
    'sy',
  ),
  role: new RegExp(`GRANT (${name}) TO (${account})${tail}\\n`, 'sy'),
  defaultRole: new RegExp(`SET DEFAULT ROLE (${name}) FOR (${account})${tail}\\n`, 'sy'),
}

/**
 * Reads what SHOW GRANTS printed for this account. A line that is not understood, or that is about
 * somebody else (PUBLIC), is never dropped: the whole answer is unknown.
 */
export const readGrants = (
  printed: string,
  user: { readonly user: string; readonly host: string },
): Granted | Unknown => {
  const levels = new Map<string, ReadonlySet<string>>()
  const [roles, proxies]: [string[], string[]] = [[], []]
  let defaultRole: string | null = null
  const all = printed.endsWith('\n') ? printed : `${printed}\n`
  for (let at = 0; at < all.length; ) {
    const [kind, found] = findLine(all, at)
    if (!kind || !found) return new Unknown(`this grant is not understood: ${takeLine(all, at)}`)
    const [whole, first = '', ...rest] = found
    const [who = '', after = ''] = rest.slice(-2)
    if (!isAccount(who, user))
      return new Unknown(
        `this grant is not the user's own, so this operation does not revoke it: ${whole.trim()}`,
      )
    if (kind === 'role') roles.push(first)
    else if (kind === 'defaultRole') defaultRole = first
    else if (kind === 'proxy') proxies.push(first)
    else {
      const on = writeLevel(rest[0] ?? '')
      const option = / WITH GRANT OPTION/.test(after) ? ['GRANT OPTION'] : []
      const names = [...listPrivileges(first), ...option].filter(one => one !== 'USAGE')
      if (names.length > 0) levels.set(on, new Set([...(levels.get(on) ?? []), ...names]))
    }
    at += whole.length
  }
  return { levels, roles, defaultRole, proxies }
}

const findLine = (all: string, at: number): readonly [string?, RegExpExecArray?] => {
  for (const [kind, line] of Object.entries(lines)) {
    line.lastIndex = at
    const found = line.exec(all)
    if (found) return [kind, found]
  }
  return []
}

const takeLine = (all: string, at: number): string => all.slice(at).split('\n', 1)[0] ?? ''

const isAccount = (
  written: string,
  { user, host }: { readonly user: string; readonly host: string },
): boolean => {
  const [, first = '', second = ''] = new RegExp(`^(${part})@(${part})$`, 's').exec(written) ?? []
  return unquote(first) === user && unquote(second).toLowerCase() === host.toLowerCase()
}

const unquote = (word: string): string => {
  if (word.startsWith('`')) return word.slice(1, -1).replaceAll('``', '`')
  if (word.startsWith("'")) return word.slice(1, -1).replace(/''|\\(.)/gs, (_, one) => one ?? "'")
  return word
}
