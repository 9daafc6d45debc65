/**
 * Where the lab keeps all it has: one folder a machine, so that several checkouts share one lab and
 * its caches.
 */
import { homedir } from 'node:os'
import { join } from 'node:path'

/** A path inside the lab's home: `BRD_LAB_HOME`, by default `~/.cache/brd-lab`. */
export const labPath = (...parts: string[]): string =>
  join(process.env.BRD_LAB_HOME ?? join(homedir(), '.cache', 'brd-lab'), ...parts)

/** One line of progress for a person. */
export type Say = (line: string) => void
