import { Unreadable } from './unreadable.ts'

/** A place in the binary logs of a server. */
export type BinlogPosition = {
  /** `mariadb-bin.000004` */
  readonly file: string
  /** Bytes from the beginning of the file. */
  readonly offset: number
  /** The last transaction of each domain; null if the server had none. */
  readonly gtid: string | null
}

/**
 * Reads `xtrabackup_binlog_info`, the one place that says where a full backup is: wal-g's own words
 * name files that were uploaded. Throws Unreadable if it is something else; a server without binary
 * logs leaves no such file.
 */
export const readBinlogPosition = (text: string): BinlogPosition => {
  const [file = '', offset = '', gtid = ''] = text.replace(/\n$/, '').split('\t')
  if (!/^[^/\s]+\.\d{6,}$/.test(file) || !/^\d+$/.test(offset) || !isGtid(gtid, true))
    throw new Unreadable(`xtrabackup_binlog_info is not a position: ${text.slice(0, 200)}`)
  return { file, offset: Number(offset), gtid: gtid === '' ? null : gtid }
}

/** Whether a text is a list of GTIDs, `DOMAIN-SERVER-NUMBER,…`, one for each domain. */
export const isGtid = (text: string, mayBeEmpty = false): boolean =>
  (mayBeEmpty && text === '') || /^\d+-\d+-\d+(?:,\d+-\d+-\d+)*$/.test(text)

/**
 * Whether everything before one position is before another too, by domain: what the first has not
 * reached, the second may have. Servers within a domain do not matter, since its numbers grow.
 */
export const isGtidAtOrBefore = (one: string, other: string): boolean => {
  const reached = readDomains(other)
  return [...readDomains(one)].every(([domain, number]) => number <= (reached.get(domain) ?? -1n))
}

const readDomains = (gtid: string): Map<string, bigint> =>
  new Map(
    gtid
      .split(',')
      .filter(part => part !== '')
      .map(part => {
        const [domain = '', , number = ''] = part.split('-')
        return [domain, BigInt(number)] as const
      }),
  )
