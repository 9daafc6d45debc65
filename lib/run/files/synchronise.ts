import { type ConvergeOptions, converge } from '../../converge/converge.ts'
import { type Diff, operation, Unknown } from '../../operation.ts'
import { sha256 } from '../../operations/file/content.ts'
import { checkPath } from '../../operations/file/entry.ts'
import { vital } from '../../operations/file/vital.ts'
import { itemsInFolder } from '../../operations/tree/operation.ts'
import { planWork } from '../../operations/tree/plan.ts'
import { compileExcludes, type Excludes, type PlacedItem } from '../../operations/tree/source.ts'
import { printState, readState } from '../../operations/tree/state.ts'
import { sh } from '../../sh.ts'
import { readFromHost } from '../../transport/read-from-host.ts'
import type { Session } from '../../transport/session.ts'
import { readParts } from './fetch.ts'
import { listFolder } from './listing.ts'

const folder = operation('synchronise', itemsInFolder)

/** A folder of a host. */
export type Place = { readonly session: Session; readonly path: string }

export type Synchronise = {
  /** Patterns of what is left out, on both sides: `*.log`, `cache/**`. Default: none. */
  readonly exclude?: readonly string[]
  /** True: what the first has not is removed from the second. Default false. */
  readonly exact?: boolean
  /**
   * Bytes that go from one host to the other in one piece, and are held in memory here; a longer
   * file is held whole, of 512 MiB at most. Default 64 MiB.
   * @range 1 or more
   */
  readonly portion?: number
}

/** How a run synchronises: in check mode, under its lease, until it is interrupted. */
export type SynchroniseSettings = Pick<ConvergeOptions, 'check' | 'lease' | 'stop'>

type File = PlacedItem & { readonly type: 'file' }

const MIB = 1024 * 1024
/** Bytes, and files, that are asked for in one look. */
const [LOOK, FILES] = [8 * MIB, 200]

/**
 * Makes the second folder like the first, on another host or the same: content, modes, owners by
 * name, symlinks and times. Only files that differ travel, through this machine: the hosts need not
 * know each other. Each is replaced in one step. Returns what differed; in check mode nothing is
 * changed. Run it again after any interruption.
 */
export const synchronise = async (
  from: Place,
  to: Place,
  { exclude = [], exact = false, portion = 64 * MIB }: Synchronise = {},
  manner: SynchroniseSettings = {},
): Promise<Diff> => {
  if (exact && vital.test(checkPath(to.path)))
    throw new Error(
      `${to.session.host}: ${to.path}: exact is refused here: the system depends on this folder`,
    )
  const excluded = compileExcludes(exclude)
  const held = new Map<string, Buffer>()
  const items = await listFolder(from, excluded, held)
  const work = await findDifferences(to, items, excluded, exact)
  if (manner.check || work.diff.length === 0) return work.diff
  for (const batch of splitFiles(work.puts.filter(isFile), portion, Number.POSITIVE_INFINITY)) {
    for (const some of splitFiles(batch, LOOK, FILES)) await bring(from, some, held)
    await put(to, withFolders(items, batch), excluded, false, manner)
    held.clear()
  }
  await put(to, items, excluded, exact, manner)
  return work.diff
}

const isFile = (item: PlacedItem): item is File => item.type === 'file'

const findDifferences = async (
  { session, path }: Place,
  items: readonly PlacedItem[],
  excluded: Excludes,
  exact: boolean,
) => {
  const printed = await readFromHost(session, path, printState(path, items, exact), 600)
  const state = readState({ exitCode: 0, stdout: printed, stderr: '' }, items)
  const work = state instanceof Unknown ? state : planWork(path, state, items, excluded)
  if (work instanceof Unknown) throw new Error(`${session.host}: ${path}: ${work.why}`)
  return work
}

/** Files in the given order, so many bytes (or one file) and so many files at a time. */
const splitFiles = (files: readonly File[], bytes: number, most: number): File[][] => {
  const all: File[][] = []
  let sum = 0
  for (const file of files) {
    const last = all.at(-1)
    const fits = last !== undefined && last.length < most && sum + file.bytes <= bytes
    if (fits) last.push(file)
    else all.push([file])
    sum = (fits ? sum : 0) + file.bytes
  }
  return all
}

/** Holds the content of some files: small ones by one look, a long one in parts. */
const bring = async (
  { session, path }: Place,
  files: readonly File[],
  held: Map<string, Buffer>,
): Promise<void> => {
  const [first] = files
  if (first && files.length === 1 && first.bytes > LOOK) {
    const chunks: Buffer[] = []
    for await (const chunk of readParts(session, `${path}/${first.path}`, 512 * MIB))
      chunks.push(chunk)
    return hold(held, first, Buffer.concat(chunks), session)
  }
  const printed = await readFromHost(
    session,
    path,
    sh`cd -P ${path} && cat ${files.map(file => `./${file.path}`)}`,
  )
  let at = 0
  for (const file of files) {
    hold(held, file, printed.subarray(at, at + file.bytes), session)
    at += file.bytes
  }
}

const hold = (held: Map<string, Buffer>, file: File, content: Buffer, { host }: Session): void => {
  if (sha256(content) !== file.hash)
    throw new Error(`${host}: ${file.path} was changed while it was brought over: run it again`)
  held.set(file.path, content)
}

/** Some files, and the folders that they are in. */
const withFolders = (items: readonly PlacedItem[], files: readonly File[]): PlacedItem[] => {
  const wanted = new Set([
    '.',
    ...files.flatMap(({ path }) =>
      path.split('/').map((_, i, parts) => parts.slice(0, i + 1).join('/')),
    ),
  ])
  return items.filter(item => wanted.has(item.path))
}

const put = async (
  { session, path }: Place,
  items: readonly PlacedItem[],
  excluded: Excludes,
  exact: boolean,
  manner: SynchroniseSettings,
): Promise<void> => {
  const { error, result } = await session.turns.take(() =>
    converge([folder({ path, items, excluded, exact })], {
      ...manner,
      host: session.host,
      shell: () => session.shell(),
    }),
  )
  if (result !== 'ok')
    throw new Error(
      `${session.host}: ${error?.message ?? result}${error?.stderr ? `: ${error.stderr}` : ''}`,
    )
}
