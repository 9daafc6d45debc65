import { quoteName } from './container.ts'

/** Privileges by level, as MariaDB writes it: `*.*`, a database's tables. */
export type GrantedPrivileges = ReadonlyMap<string, ReadonlySet<string>>

/** Reads lines such as `GRANT SELECT, INSERT ON x TO y`. USAGE means no privilege. */
export const parseGrants = (lines: readonly string[]): GrantedPrivileges => {
  const all = new Map<string, Set<string>>()
  for (const line of lines) {
    const [, rights = '', on = '', option] =
      /^GRANT (.*?) ON (\S+) TO \S+(.*WITH GRANT OPTION)?/.exec(line) ?? []
    const names = [...rights.split(/, (?![^(]*\))/), ...(option ? ['GRANT OPTION'] : [])].filter(
      name => name !== '' && name !== 'USAGE',
    )
    if (names.length > 0)
      all.set(on, new Set([...(all.get(on) ?? []), ...names.map(normalizePrivilege)]))
  }
  return all
}

/**
 * Compares the privileges at one level: those to grant, those to revoke, and the statements. Grants
 * come first, so that no privilege is missing meanwhile.
 */
export const comparePrivileges = (
  has: ReadonlySet<string>,
  wanted: ReadonlySet<string>,
  on: string,
  account: string,
) => {
  const [give, take] = [
    [...wanted].filter(name => !has.has(name)),
    [...has].filter(name => !wanted.has(name)),
  ]
  const statements = [
    ...(give.length > 0 ? [`GRANT ${give.join(', ')} ON ${on} TO ${account}`] : []),
    ...(take.length > 0 ? [`REVOKE ${take.join(', ')} ON ${on} FROM ${account}`] : []),
  ]
  return { give, take, statements }
}

/**
 * Normalises a privilege: in capitals, with its columns quoted and sorted, since MariaDB does not
 * keep their order.
 */
export const normalizePrivilege = (privilege: string): string => {
  const [, word = '', columns] = /^([^(]*?)\s*(\(.*\))?$/.exec(privilege.trim()) ?? []
  const upper = word.toUpperCase()
  const names = columns
    ?.slice(1, -1)
    .split(',')
    .map(column => quoteName(column.trim().replaceAll('`', '')))
  if (names) return `${upper} (${names.toSorted().join(', ')})`
  return upper === 'ALL' ? 'ALL PRIVILEGES' : upper
}
