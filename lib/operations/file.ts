import { change, operation, Unknown } from '../operation.ts'
import { sh } from '../sh.ts'
import { refuseKeyLoss } from './access/keep-login.ts'
import {
  type Content,
  completeFile,
  diffFile,
  type PresentFile,
  printFile,
  putFile,
  readFile,
  type WantedFile,
} from './file/content.ts'
import type { Validate } from './file/edit.ts'
import { type Path, printEntry, type Rights, readOnlyEntry } from './file/entry.ts'
import { printLacks } from './file/lacks.ts'
import { checkRemoval, planRemoval, type Removal } from './file/removal.ts'

export type File = {
  /**
   * Absolute, on the host. Its folder must be there. A symlink at this path is replaced, not
   * followed; a folder is an error.
   */
  readonly path: Path
} & Rights &
  Validate &
  (
    | (Content & {
        /**
         * `absent`: there is no file or symlink at the path. One that the system needs is refused.
         * Default present.
         */
        readonly state?: 'present'
      })
    | { readonly state: 'absent'; readonly content?: never; readonly source?: never }
  )

type Want = Removal | (WantedFile & Validate & { readonly state: 'present' })

/**
 * A file has exactly this content, owner and mode, or is absent. It is replaced in one step, never
 * half written. Access lists and other attributes of a replaced file stay. Nothing is written
 * through a symlink that another user of the host can change. A mount point by itself (/etc/hosts
 * in a container) is written in place.
 */
export const file = operation('file', {
  want: (want: File): Want =>
    want.state === 'absent'
      ? checkRemoval(want.path)
      : {
          ...completeFile(want),
          state: 'present',
          ...(want.validate ? { validate: want.validate } : {}),
        },
  name: ({ path }) => path,
  paths: ({ path }) => [path],
  probe: want =>
    want.state === 'absent'
      ? sh`${printEntry(want.path)}
${refuseKeyLoss(want.path, false)}`
      : printFile(want, printLacks(want)),
  read: (out, want): PresentFile | null | Unknown => {
    if (want.state === 'present') return readFile(out)
    const entry = readOnlyEntry(out)
    return entry === null || entry instanceof Unknown
      ? entry
      : { entry, hash: null, content: null, target: null }
  },
  plan: (now, want) => {
    if (want.state === 'absent')
      return planRemoval(now?.entry ?? null, want.path, ['file', 'symlink'])
    const diff = diffFile(now, want)
    if (diff instanceof Unknown) return diff
    const { apply, writes } = putFile(diff, want, want.validate)
    return change(diff, apply, writes ? { stdin: want.content } : {})
  },
})
