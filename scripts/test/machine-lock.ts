import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isInstalled } from './skip.ts'

const lockFile = join(tmpdir(), 'brd-tests-local.lock')

/**
 * Runs the work while no other test run on this machine changes the host `local`, which two runs
 * cannot do at the same time. The kernel frees the lock if this process dies. Without flock(1) the
 * work runs without a lock.
 */
export const withMachineLock = async <T>(work: () => Promise<T>, file = lockFile): Promise<T> => {
  if (!isInstalled('flock')) return work()
  // The shell ends with its stdin, which ends with this process.
  const holder = spawn('flock', [file, 'sh', '-c', 'echo held; cat'], {
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  const closed = once(holder, 'close')
  await Promise.race([once(holder.stdout, 'data'), closed])
  try {
    return await work()
  } finally {
    holder.stdin.end()
    await closed
  }
}
