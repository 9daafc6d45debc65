import { ident } from './container.ts'

/** Privileges by what they are on, as MariaDB writes it: `*.*`, a database's tables. */
export type Granted = ReadonlyMap<string, ReadonlySet<string>>

/**
 * `GRANT SELECT, INSERT ON x TO y` as privileges by what they are on. USAGE is the word for none.
 */
export const granted = (lines: readonly string[]): Granted => {
  const all = new Map<string, Set<string>>()
  for (const line of lines) {
    const [, rights = '', on = '', option] =
      /^GRANT (.*?) ON (\S+) TO \S+(.*WITH GRANT OPTION)?/.exec(line) ?? []
    const names = [...rights.split(/, (?![^(]*\))/), ...(option ? ['GRANT OPTION'] : [])].filter(
      name => name !== '' && name !== 'USAGE',
    )
    if (names.length > 0) all.set(on, new Set([...(all.get(on) ?? []), ...names.map(spelt)]))
  }
  return all
}

/**
 * What differs in the privileges on one thing: those to give and those to take, and the statements,
 * given before taken, so that nothing is missing for a moment.
 */
export const between = (
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
 * A privilege in one way of writing it: in capitals, its columns as names of SQL in the order of
 * their letters, which MariaDB does not keep.
 */
export const spelt = (privilege: string): string => {
  const [, word = '', columns] = /^([^(]*?)\s*(\(.*\))?$/.exec(privilege.trim()) ?? []
  const upper = word.toUpperCase()
  const names = columns
    ?.slice(1, -1)
    .split(',')
    .map(column => ident(column.trim().replaceAll('`', '')))
  if (names) return `${upper} (${names.toSorted().join(', ')})`
  return upper === 'ALL' ? 'ALL PRIVILEGES' : upper
}
