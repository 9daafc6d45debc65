import { statSync } from 'node:fs'
import { change, operation, Unknown } from '../operation.ts'
import { checked, fullRights, octal, type Path, type Rights } from './parts/entry.ts'
import { owning } from './parts/owning.ts'
import { vital } from './parts/vital.ts'
import { workScript } from './tree/apply.ts'
import { type Modes, workOf } from './tree/plan.ts'
import { type Excludes, excludes, type Item, readSource } from './tree/source.ts'
import { printState, readState } from './tree/state.ts'

export type Tree = Omit<Rights, 'mode'> & {
  /** The folder on the host, absolute. It is made where it is missing, with those above it (root, 755). A symlink or a file at this place is an error. */
  readonly path: Path
  /** A folder on the controller: `new URL('./site/', import.meta.url)`. It is read when the operation is made; what a file holds is sent only where it differs. */
  readonly source: URL
  /** Patterns of what is left out, on both sides: `*.log`, `cache/**`. One without a slash holds at any depth; a folder goes with all in it. Default: none. */
  readonly exclude?: readonly string[]
  /** True: what is not in the source is removed, but for what is excluded and what is mounted there. Default false. */
  readonly exact?: boolean
  /** Mode of files, octal. Default 644. */
  readonly files?: string
  /** Mode of files that their owner may execute on the controller, octal; theirs only, others' bits are the operator's umask. Default 755. */
  readonly executables?: string
  /** Mode of folders, octal, that of `path` too. Default 755. */
  readonly directories?: string
}

type Want = {
  readonly path: string
  readonly items: readonly Item[]
  readonly modes: Modes
  readonly excluded: Excludes
  readonly exact: boolean
}

/** Bytes that one change may bring: they are held in memory here and sent through one channel. */
const MOST = 512 * 1024 * 1024

const make = operation('tree', {
  name: ({ path }: Want) => path,
  probe: ({ path, items, exact }) => printState(path, items, exact),
  read: (out, { items }) => readState(out, items),
  plan: (now, { path, items, modes, excluded }) => {
    const work = workOf(path, now, items, modes, excluded)
    if (work instanceof Unknown || work.diff.length === 0) return work instanceof Unknown ? work : null
    const bytes = work.puts.reduce((sum, item) => sum + (item.type === 'file' ? item.bytes : 0), 0)
    if (bytes > MOST) return new Unknown(`${path}: ${bytes} bytes differ, more than are sent at once (${MOST}): bring them by an archive`)
    const { apply, stdin } = workScript(path, work, modes)
    return change(work.diff, apply, { ...(stdin === undefined ? {} : { stdin }), seconds: 120 + Math.ceil(bytes / 500_000) })
  },
  probeSeconds: 120,
})

const whole = owning(make, want => [want.path])

/**
 * A folder of the host is as one on the controller: files, folders and symlinks, with their modes. Only files that differ are sent; each is replaced in one step,
 * never half written. A tree that is as wanted costs nothing but the look.
 */
export const tree = (want: Tree, meta = {}) => {
  const { path, source, exclude = [], exact = false, files = '644', executables = '755', directories = '755' } = want
  if (exact && vital.test(checked(path))) throw new Error(`tree ${path}: exact is refused here, the system stands on it`)
  if (!statSync(source).isDirectory()) throw new Error(`tree ${path}: ${source} is no folder`)
  const modes = { ...fullRights(want, directories), files: octal(files), executables: octal(executables), directories: octal(directories) }
  if ((Number.parseInt(executables, 8) & 0o100) === 0)
    throw new Error(`tree ${path}: executables ${executables}: their owner could not execute them`)
  const excluded = excludes(exclude)
  return whole({ path: checked(path), items: readSource(source, excluded), modes, excluded, exact }, meta)
}
