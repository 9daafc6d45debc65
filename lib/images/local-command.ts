import { $ } from 'zx'

type Options = {
  /** Its stdin. Default: empty. */
  input?: string | Buffer
  /** Time limit in milliseconds, for its whole process tree. Default: 60 000. */
  timeout?: number
  /** Added to this process's environment. Default: nothing. */
  env?: Readonly<Record<string, string>>
  /** Shows its output on stderr as it arrives. Default: it is returned. */
  shown?: boolean
  /** Kills its whole process tree. */
  signal?: AbortSignal
}

/** Runs a command on this machine; returns its output. Rejects with the command and its output. */
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
  if (!shown) running.stdin.on('error', () => {}) // the exit code shows why stdin was not read
  const out = await running
  if (out.exitCode === 0) return out.stdout
  if (signal?.aborted) throw new Error(`${argv.join(' ')}: interrupted`)
  const why =
    out.exitCode === null
      ? `ended after ${timeout / 1000} s`
      : out.stderr.trim() || out.stdout.trim() || `exit ${out.exitCode}`
  throw new Error(`${argv.join(' ')}: ${why}`)
}

/** Runs a command; returns its output, or null if it fails or is missing. */
export const tryLocal = (argv: readonly string[], options: Options = {}): Promise<string | null> =>
  runLocal(argv, options).catch(() => null)

/** Awaits all of them, even if one fails, so that none continues after the error. */
export const awaitAll = async <T>(work: readonly Promise<T>[]): Promise<T[]> => {
  await Promise.allSettled(work)
  return await Promise.all(work)
}
