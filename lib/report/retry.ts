import { writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'

/**
 * Writes the hosts to retry, one per line, into the record of the run. Returns the path for
 * `-l @PATH`, or null if there is nothing to retry.
 */
export const writeRetry = (folder: string, hosts: readonly string[]): string | null => {
  if (hosts.length === 0) return null
  const path = join(folder, 'retry')
  try {
    writeFileSync(path, `${hosts.join('\n')}\n`, { mode: 0o600 })
  } catch {
    return null // a full disk, which the record has reported already
  }
  const near = relative(process.cwd(), path)
  return near.startsWith('..') ? path : near
}
