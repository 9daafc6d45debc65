import { change, operation, Unknown } from '../operation.ts'
import {
  type Content,
  fileDiff,
  printFile,
  putFile,
  readFile,
  type Wanted,
  wanted,
} from './file/content.ts'
import type { Validate } from './file/edited.ts'
import type { Path, Rights } from './file/entry.ts'

export type File = Content &
  Rights &
  Validate & {
    /**
     * Absolute, on the host. Its folder must be there. A symlink at this place is replaced, not
     * followed; a folder is an error.
     */
    readonly path: Path
  }

type Want = Wanted & Validate

/**
 * A file with exactly this content, owner and mode. It is replaced in one step, never half written.
 */
export const file = operation('file', {
  want: (want: File) => ({
    ...wanted(want),
    ...(want.validate ? { validate: want.validate } : {}),
  }),
  name: ({ path }: Want) => path,
  paths: want => [want.path],
  probe: printFile,
  read: out => readFile(out),
  plan: (now, want) => {
    const diff = fileDiff(now, want)
    if (diff instanceof Unknown) return diff
    const { apply, writes } = putFile(diff, want, want.validate)
    return change(diff, apply, writes ? { stdin: want.content } : {})
  },
})
