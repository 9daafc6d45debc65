import { OptionError } from '../../errors/option-error.ts'
import { quoteName } from './container.ts'

const name = '(?:`(?:[^`]|``)*`|[\\w$-]+)'

/**
 * Compares the privileges at one level: those to grant, those to revoke, and the statements. Grants
 * come first, so that no privilege is missing meanwhile; except from ALL PRIVILEGES, which can only
 * be revoked as a whole.
 */
export const comparePrivileges = (
  has: ReadonlySet<string>,
  wanted: ReadonlySet<string>,
  on: string,
  account: string,
) => {
  const covered = (set: ReadonlySet<string>, one: string) =>
    set.has(one) || (set.has(ALL) && one !== OPTION)
  const [give, take] = [
    [...wanted].filter(one => !has.has(one)),
    [...has].filter(one => !covered(wanted, one)),
  ]
  const grant = give.length > 0 ? [grantPrivileges(give, on, account)] : []
  const revoke = separate(take).map(all => `REVOKE ${all.join(', ')} ON ${on} FROM ${account}`)
  const statements = take.includes(ALL) ? [...revoke, ...grant] : [...grant, ...revoke]
  return { give, take, statements }
}

const grantPrivileges = (all: readonly string[], on: string, account: string): string => {
  const names = all.filter(one => one !== OPTION)
  const option = names.length < all.length ? ` WITH ${OPTION}` : ''
  return `GRANT ${names.join(', ') || 'USAGE'} ON ${on} TO ${account}${option}`
}

/** `REVOKE ALL PRIVILEGES, GRANT OPTION` has no level: with one they are two statements. */
const separate = (all: readonly string[]): readonly (readonly string[])[] =>
  (all.includes(ALL) ? all.map(one => [one]) : [all]).filter(part => part.length > 0)

const OPTION = 'GRANT OPTION'
const ALL = 'ALL PRIVILEGES'

/** Names by which some versions show a privilege, by the one that all of them take. */
const OTHER_NAMES: Readonly<Record<string, string>> = {
  ALL,
  'BINLOG MONITOR': 'REPLICATION CLIENT',
  'DELETE VERSIONING ROWS': 'DELETE HISTORY',
  'REPLICA MONITOR': 'SLAVE MONITOR',
  'REPLICATION REPLICA': 'REPLICATION SLAVE',
  'REPLICATION REPLICA ADMIN': 'REPLICATION SLAVE ADMIN',
}

/**
 * Lists privileges such as `SELECT, UPDATE (a, b)`, normalised: in capitals, one for each column
 * and with its name quoted, because one column can be revoked without the others.
 */
export const listPrivileges = (privileges: string): readonly string[] =>
  [...privileges.matchAll(new RegExp(`([^,(]+)(\\((?:${name}|[^)\`])*\\))?(?:,|$)`, 'gs'))].flatMap(
    ([, word = '', columns]) => {
      const upper = word.trim().toUpperCase()
      if (upper === '') return []
      if (columns === undefined) return [OTHER_NAMES[upper.replace(/\s+/g, ' ')] ?? upper]
      return listNames(columns.slice(1, -1)).map(column => `${upper} (${column})`)
    },
  )

const listNames = (columns: string): readonly string[] =>
  [...columns.matchAll(new RegExp(name, 'gs'))].map(([word]) => quoteName(unquoteName(word))).sort()

const unquoteName = (word: string): string =>
  word.startsWith('`') ? word.slice(1, -1).replaceAll('``', '`') : word

/**
 * Writes a level as MariaDB does: with quoted names. Of a database whose tables are meant, `\_` and
 * `\%` in its name stay: without the backslash they would match any sign and any text.
 */
export const writeLevel = (level: string): string => {
  const [, kind = '', first = '', second = ''] =
    new RegExp(
      `^((?:PROCEDURE|FUNCTION|PACKAGE BODY|PACKAGE) )?(${name})\\.(${name}|\\*)$`,
      's',
    ).exec(level) ?? []
  if (first === '') return level
  const below = second === '*' ? '*' : quoteName(unquoteName(second))
  return `${kind}${quoteName(unquoteName(first))}.${below}`
}

/** Quotes a database as a level of grants: its name alone, not what it would match as a pattern. */
export const quoteDatabase = (database: string): string =>
  quoteName(database.replace(/\\[_%]|[_%]/g, sign => (sign.length > 1 ? sign : `\\${sign}`)))

/**
 * Reads a level that a playbook gives. An `_` in the name of a database means itself.
 */
export const readLevel = (level: string): string => {
  if (level === '*.*') return level
  const written = writeLevel(level)
  const [, database] = /^`((?:[^`]|``)*)`\.\*$/s.exec(written) ?? []
  if (database === undefined) {
    if (/^(?:[A-Z]+ )*`(?:[^`]|``)*`\.`(?:[^`]|``)*`$/s.test(written)) return written
    throw new OptionError({
      message: `${JSON.stringify(level)} is not a level of grants`,
      next: 'use *.*, `shop`.*, `shop`.`goods` or PROCEDURE `shop`.`tidy`',
    })
  }
  if (/(^|[^\\])%/.test(database))
    throw new OptionError({
      message: `${level}: % would match any text, and so databases that are not listed`,
      next: 'list each database; write \\% if it is part of a name',
    })
  return `${quoteDatabase(database.replaceAll('``', '`'))}.*`
}
