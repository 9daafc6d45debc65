import { change, type Meta, operation, Unknown } from '../operation.ts'
import {
  type Content,
  fileDiff,
  printFile,
  putFile,
  readFile,
  type Wanted,
  wanted,
} from './parts/content.ts'
import type { Validate } from './parts/edited.ts'
import type { Path, Rights } from './parts/entry.ts'
import { owning } from './parts/owning.ts'
import { taking } from './parts/taking.ts'

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

const make = operation('file', {
  name: ({ path }: Want) => path,
  probe: printFile,
  read: out => readFile(out),
  plan: (now, want) => {
    const diff = fileDiff(now, want)
    if (diff instanceof Unknown) return diff
    const { apply, writes } = putFile(diff, want, want.validate)
    return change(diff, apply, writes ? { stdin: want.content } : {})
  },
})

const whole = owning(make, want => [want.path])

/**
 * A file with exactly this content, owner and mode. It is replaced in one step, never half written.
 */
export const file = taking('file', (want: File, meta: Meta = {}) =>
  whole({ ...wanted(want), ...(want.validate ? { validate: want.validate } : {}) }, meta),
)
