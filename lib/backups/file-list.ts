import { Unreadable } from './unreadable.ts'

/** A file, folder or link as it was when it was backed up. */
export type ListedFile = {
  /** `f` a file, `d` a folder, `l` a link; others as find names them. */
  readonly kind: string
  /** Permissions, octal: `640`. */
  readonly mode: string
  readonly uid: number
  readonly gid: number
  readonly size: number
  /** When its contents changed, in seconds. */
  readonly changed: string
  readonly path: string
}

/**
 * Reads the list of an environment's files: fields with a unit separator between them, and a zero
 * byte after each file. Throws Unreadable if it is something else, or was cut off.
 */
export const readFileList = (text: string): ListedFile[] =>
  splitRecords(text).map(record => {
    const [kind = '', mode = '', uid = '', gid = '', size = '', changed = '', ...path] =
      record.split('\x1f')
    if (!/^\w$/.test(kind) || !/^\d+ \d+ \d+ \d+$/.test(`${mode} ${uid} ${gid} ${size}`))
      throw new Unreadable('the list of the files is not one')
    return {
      kind,
      mode,
      uid: Number(uid),
      gid: Number(gid),
      size: Number(size),
      changed,
      path: path.join('\x1f'),
    }
  })

/** Reads the output of `sha256sum --zero`: the hash of each path. */
export const readSums = (text: string): Map<string, string> =>
  new Map(
    splitRecords(text).map(record => {
      const [, sum, path] = /^\\?([0-9a-f]{64}) [ *](.*)$/s.exec(record) ?? []
      if (sum === undefined || path === undefined)
        throw new Unreadable('the list of hashes is not one')
      return [path, sum] as const
    }),
  )

const splitRecords = (text: string): string[] => {
  if (text !== '' && !text.endsWith('\0')) throw new Unreadable('the list is cut off')
  return text.split('\0').slice(0, -1)
}

/**
 * What did not change while it was backed up, by path: equal in the list before the backup and in
 * the one after it. Only of these it is known what the snapshot must hold.
 */
export const findUnchanged = (
  before: readonly ListedFile[],
  after: readonly ListedFile[],
): Map<string, ListedFile> => {
  const first = new Map(before.map(file => [file.path, file]))
  return new Map(
    after
      .filter(file => {
        const then = first.get(file.path)
        return (
          then !== undefined &&
          (Object.keys(file) as (keyof ListedFile)[]).every(key => then[key] === file[key])
        )
      })
      .map(file => [file.path, file]),
  )
}

/** A file, folder or link in a snapshot, as `restic ls` or a restore shows it. */
export type KeptFile = Pick<ListedFile, 'kind' | 'mode' | 'uid' | 'gid' | 'size'> & {
  /** SHA-256 of its contents, if these were looked at. */
  readonly sum?: string
}

/** Says in what files of a snapshot differ from what must be there, sorted by path. */
export const compareFiles = (
  unchanged: ReadonlyMap<string, ListedFile>,
  sums: ReadonlyMap<string, string>,
  kept: ReadonlyMap<string, KeptFile>,
): string[] =>
  [...unchanged.values()]
    .toSorted((a, b) => (a.path < b.path ? -1 : 1))
    .flatMap(file => {
      const found = kept.get(file.path)
      const name = JSON.stringify(file.path)
      if (!found) return [`${name} is missing`]
      if (found.kind !== file.kind) return [`${name} is of another kind`]
      if (found.mode !== file.mode) return [`${name} has mode ${found.mode}, and had ${file.mode}`]
      if (found.uid !== file.uid || found.gid !== file.gid)
        return [
          `${name} belongs to ${found.uid}:${found.gid}, and to ${file.uid}:${file.gid} before`,
        ]
      if (file.kind !== 'f') return []
      if (found.size !== file.size) return [`${name} has ${found.size} bytes, and had ${file.size}`]
      return found.sum !== undefined && found.sum !== sums.get(file.path)
        ? [`${name} has other contents`]
        : []
    })

/**
 * Chooses files whose contents a verification looks at: the newest, the largest, and others by
 * chance, until their sizes reach `bytes`. Always at least one, if there is any.
 */
export const chooseSample = (
  unchanged: ReadonlyMap<string, ListedFile>,
  { bytes, random }: { bytes: number; random: () => number },
): string[] => {
  const files = [...unchanged.values()].filter(({ kind, size }) => kind === 'f' && size > 0)
  const newest = files.toSorted((a, b) => Number(b.changed) - Number(a.changed)).slice(0, 5)
  const largest = files.toSorted((a, b) => b.size - a.size).slice(0, 1)
  const shuffled = files
    .map(file => ({ file, at: random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ file }) => file)
  const chosen = new Set<string>()
  let sum = 0
  for (const { path, size } of [...newest, ...shuffled, ...largest]) {
    if (chosen.has(path) || (chosen.size > 0 && sum + size > bytes)) continue
    chosen.add(path)
    sum += size
  }
  return [...chosen].sort()
}
