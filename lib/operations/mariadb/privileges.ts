/** Privileges by what they are on, as MariaDB writes it: `*.*`, a database's tables. */
export type Granted = ReadonlyMap<string, ReadonlySet<string>>

/** `GRANT SELECT, INSERT ON x TO y` as privileges by what they are on. USAGE is the word for none. */
export const granted = (lines: readonly string[]): Granted => {
  const all = new Map<string, Set<string>>()
  for (const line of lines) {
    const [, rights = '', on = '', option] = /^GRANT (.*?) ON (\S+) TO \S+(.*WITH GRANT OPTION)?/.exec(line) ?? []
    const names = [...rights.split(/, (?![^(]*\))/), ...(option ? ['GRANT OPTION'] : [])].filter(name => name !== '' && name !== 'USAGE')
    if (names.length > 0) all.set(on, new Set([...(all.get(on) ?? []), ...names]))
  }
  return all
}

/** What differs in the privileges on one thing: those to give and those to take, and the statements, given before taken, so that nothing is missing for a moment. */
export const between = (has: ReadonlySet<string>, wanted: ReadonlySet<string>, on: string, account: string) => {
  const [give, take] = [[...wanted].filter(name => !has.has(name)), [...has].filter(name => !wanted.has(name))]
  const statements = [
    ...(give.length > 0 ? [`GRANT ${give.join(', ')} ON ${on} TO ${account}`] : []),
    ...(take.length > 0 ? [`REVOKE ${take.join(', ')} ON ${on} FROM ${account}`] : []),
  ]
  return { give, take, statements }
}
