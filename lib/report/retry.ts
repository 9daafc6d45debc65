import { writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'

/**
 * Writes the hosts that the same command should be given again, one a line, into the record of the
 * run. Its path as `-l @PATH` takes it; null where there is nothing to do again.
 */
export const writeRetry = (folder: string, hosts: readonly string[]): string | null => {
  if (hosts.length === 0) return null
  const path = join(folder, 'retry')
  try {
    writeFileSync(path, `${hosts.join('\n')}\n`, { mode: 0o600 })
  } catch {
    return null // a full disk, of which the record itself has told
  }
  const near = relative(process.cwd(), path)
  return near.startsWith('..') ? path : near
}
