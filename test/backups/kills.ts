/** Verifiers that are killed. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { BackupLab } from '../support/backup-lab.ts'

/** When: the container is there, something runs in it, something is fetched beside it. */
export type Moment = 'open' | 'run' | 'fetch'

/** Starts a verifier, and kills it (SIGKILL) some milliseconds after that moment. */
export const killVerifier = async (
  lab: BackupLab,
  moment: Moment,
  milliseconds = 0,
): Promise<void> => {
  const child = spawn(
    process.execPath,
    [
      ...process.execArgv,
      fileURLToPath(new URL('../support/hold-throwaway.ts', import.meta.url)),
      moment,
      JSON.stringify(lab.kit),
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  await once(child.stdout, 'data')
  await new Promise(resolve => setTimeout(resolve, milliseconds))
  child.kill('SIGKILL')
  await once(child, 'exit')
}
