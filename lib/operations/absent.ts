import { OptionError } from '../errors/option-error.ts'
import { operation } from '../operation.ts'
import { sh } from '../sh.ts'
import { oneEntry } from './directory.ts'
import { checked, type Path, printEntry } from './file/entry.ts'
import { vital } from './file/vital.ts'

export type Absent = {
  /** Absolute, on the host. The folders that a system stands on are refused. */
  readonly path: Path
  /** Also a folder that is not empty, with all in it, but never across a mount. Default false. */
  readonly recursive?: boolean
}

/** Nothing is at this path. */
export const absent = operation('absent', {
  check: (want: Absent) => {
    if (vital.test(checked(want.path)))
      throw new OptionError({
        message: 'refused: the system needs what is there',
        next: 'name a path further down',
      })
  },
  name: ({ path }: Absent) => path,
  probe: ({ path }) => printEntry(path),
  read: out => oneEntry(out),
  plan: (now, { path, recursive = false }) => {
    if (!now) return null
    const diff = [{ key: 'type', before: now.type, after: null }]
    if (now.type !== 'directory') return { diff, apply: sh`rm -f ${path}` }
    if (!recursive)
      return {
        diff,
        apply: sh`rmdir ${path} || { echo 'give recursive: true to remove what is in it' >&2; exit 1; }`,
      }
    return { diff, apply: sh`${unmounted(path)} && rm -rf ${path}`, seconds: 600 }
  },
})

/** Fails where something is mounted at the folder or below it: rm would empty that too. */
const unmounted = (path: string) =>
  sh`MOUNT=${path} awk '$5 == ENVIRON["MOUNT"] || index($5, ENVIRON["MOUNT"] "/") == 1 {print "mounted: " $5 > "/dev/stderr"; bad = 1} END {exit bad}' /proc/self/mountinfo`
