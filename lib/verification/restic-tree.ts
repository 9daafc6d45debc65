import * as z from 'zod'
import type { KeptFile } from '../backups/file-list.ts'
import { parseJson } from '../backups/parse-json.ts'
import { Unreadable } from '../backups/unreadable.ts'

const node = z.object({
  struct_type: z.literal('node'),
  path: z.string(),
  type: z.string(),
  uid: z.int(),
  gid: z.int(),
  size: z.int().optional(),
  mode: z.int(),
})

const kinds: Readonly<Record<string, string>> = { file: 'f', dir: 'd', symlink: 'l', fifo: 'p' }

/**
 * Reads the output of `restic ls --json` (0.14 to 0.19): the snapshot, then what it holds, one a
 * line, by path. Throws Unreadable if it is something else.
 */
export const readTree = (text: string): Map<string, KeptFile> => {
  const [, ...lines] = text.split('\n').slice(0, -1)
  return new Map(
    lines.map(line => {
      const parsed = node.safeParse(parseJson(line))
      if (!parsed.success)
        throw new Unreadable(`restic ls printed something else: ${line.slice(0, 100)}`)
      const { path, type, uid, gid, size = 0, mode } = parsed.data
      return [path, { kind: kinds[type] ?? type, mode: formatMode(mode), uid, gid, size }] as const
    }),
  )
}

/** Permissions of Go's file modes: the three special bits are elsewhere there. */
const formatMode = (mode: number): string => {
  const special =
    ((mode >>> 23) & 1 ? 0o4000 : 0) |
    ((mode >>> 22) & 1 ? 0o2000 : 0) |
    ((mode >>> 20) & 1 ? 0o1000 : 0)
  return ((mode & 0o777) | special).toString(8)
}
