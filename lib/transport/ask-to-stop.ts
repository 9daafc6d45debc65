import { join, type Sh, sh } from '../sh.ts'
import { probe } from './protocol/probe.ts'
import { killRunning, stopAfterThis } from './protocol/script.ts'
import type { Shell } from './root-shell.ts'

/** Deadline on the host of what an interruption asks of it. */
const SECONDS = 15

/**
 * Asks shells, through a second one on their host, to start nothing else (`stop`), or also to end
 * what runs (`kill`). A shell whose hello has not come yet is asked once it has: what it was sent
 * may begin meanwhile. Rejects with ShellLost.
 */
export const askToStop = async (
  second: Shell,
  shells: readonly Shell[],
  how: 'stop' | 'kill',
): Promise<void> => {
  const ask = async (some: readonly Shell[]): Promise<void> => {
    const live = some.filter(({ over }) => !over)
    if (live.length > 0) await probe(second, [{ fragment: askAll(live, how), seconds: SECONDS }])
  }
  const later = shells.filter(({ dir }) => dir === '')
  await ask(shells.filter(shell => !later.includes(shell)))
  await Promise.all(later.map(({ greeted }) => greeted))
  await ask(later)
}

/** At the same time, since ending processes takes seconds. */
const askAll = (shells: readonly Shell[], how: 'stop' | 'kill'): Sh =>
  join([
    ...shells.map(({ dir }) => sh`( ${how === 'stop' ? stopAfterThis(dir) : killRunning(dir)} ) &`),
    sh`wait`,
  ])
