import { change, differences, type Output, operation, Unknown, unreadable } from '../operation.ts'
import { sh } from '../sh.ts'
import {
  checked,
  type Entry,
  fullRights,
  type Path,
  printEntry,
  type Rights,
  readEntry,
  rightsOf,
} from './file/entry.ts'

export type Directory = Rights & {
  /**
   * Absolute, on the host. Missing folders above it are made too (root, 755). A file or a symlink
   * at this place is an error.
   */
  readonly path: Path
}

/** A folder with exactly this owner and mode. What is in it is left alone. */
export const directory = operation('directory', {
  want: (want: Directory) => ({ path: checked(want.path), ...fullRights(want, '755') }),
  name: ({ path }: { path: string; mode: string; owner: string; group: string }) => path,
  probe: ({ path }) => printEntry(path),
  read: (out): Entry | null | Unknown => oneEntry(out),
  plan: (now, want) => {
    const { path, mode, owner, group } = want
    if (now && now.type !== 'directory')
      return new Unknown(
        `${path} is a ${now.type}, and a folder is wanted: remove it first, or name the folder behind it`,
      )
    const diff = differences(now && { type: now.type, ...rightsOf(now, want) }, {
      type: 'directory',
      mode,
      owner,
      group,
    })
    const rights = sh`chown ${`${owner}:${group}`} ${path} && chmod ${mode} ${path}`
    return change(
      diff,
      now
        ? rights
        : sh`( umask 022; mkdir -p ${path.replace(/\/[^/]*$/, '/')} ) && mkdir -m 700 ${path} && ${rights}`,
    )
  },
})

/** The one entry that a probe printed. */
export const oneEntry = (out: Output): Entry | null | Unknown => {
  const entry = out.rc === 0 ? readEntry(out.stdout.toString().replace(/\n$/, '')) : undefined
  return entry === undefined ? unreadable(out) : entry
}
