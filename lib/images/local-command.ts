/** Commands on this machine. */
import { $ } from 'zx'

type Options = {
  /** What the command reads on stdin. Default: nothing. */
  input?: string | Buffer
  /** Milliseconds; the command's whole tree ends then. Default: 60 000. */
  timeout?: number
  /** Added to this process's environment. Default: nothing. */
  env?: Readonly<Record<string, string>>
  /** What it says goes to this process's stderr as it comes: a build. Default: it is kept. */
  shown?: boolean
  /** Ends the command's whole tree. */
  signal?: AbortSignal
}

/** Resolves with what the command printed; a failure rejects with the command and what it said. */
export const runLocal = async (
  argv: readonly string[],
  { input = '', timeout = 60_000, env = {}, shown = false, signal }: Options = {},
): Promise<string> => {
  const options = {
    quiet: true,
    nothrow: true,
    detached: false,
    timeout,
    env: { ...process.env, ...env },
  }
  const shell = $({
    ...options,
    ...(signal ? { signal } : {}),
    ...(shown ? { stdio: ['ignore', 2, 2] } : { input }),
  })
  const running = shell`${argv}`
  if (!shown) running.stdin.on('error', () => {}) // who leaves its stdin unread shows in the exit
  const out = await running
  if (out.exitCode === 0) return out.stdout
  if (signal?.aborted) throw new Error(`${argv.join(' ')}: interrupted`)
  const why =
    out.exitCode === null
      ? `ended after ${timeout / 1000} s`
      : out.stderr.trim() || out.stdout.trim() || `exit ${out.exitCode}`
  throw new Error(`${argv.join(' ')}: ${why}`)
}

/** What the command printed, or null where it fails or is missing. */
export const tryLocal = (argv: readonly string[], options: Options = {}): Promise<string | null> =>
  runLocal(argv, options).catch(() => null)

/**
 * True when the check came true before the deadline (milliseconds). It is asked every `every`
 * milliseconds. Default: 200.
 */
export const pollUntil = async (
  deadline: number,
  check: () => Promise<boolean>,
  every = 200,
): Promise<boolean> => {
  const end = performance.now() + deadline
  while (performance.now() < end) {
    if (await check()) return true
    await new Promise(done => setTimeout(done, every))
  }
  return false
}

/**
 * All of them, side by side; when one fails the others are still awaited, so that nothing works on
 * behind the error.
 */
export const awaitAll = async <T>(work: readonly Promise<T>[]): Promise<T[]> => {
  await Promise.allSettled(work)
  return await Promise.all(work)
}
