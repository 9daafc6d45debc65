/**
 * Long commands that must not look dead: a line of progress at fixed intervals, and an end to every
 * wait.
 */
import { $ } from 'zx'

type Options = {
  cwd?: string
  /** Added to this process's environment. */
  env?: Record<string, string>
  /** Milliseconds; the command's whole tree ends then. */
  timeout: number
  /** Told what was printed on stderr so far, in lines, and the seconds gone: every 15 s. */
  tick: (lines: number, seconds: number) => void
}

const INTERVAL = 15_000

/** Resolves with stdout; rejects with the last lines that the command printed. */
export const watch = async (
  argv: readonly string[],
  { cwd, env = {}, timeout, tick }: Options,
): Promise<string> => {
  const started = performance.now()
  const command = $({
    quiet: true,
    nothrow: true,
    detached: false,
    input: '',
    timeout,
    ...(cwd && { cwd }),
    env: { ...process.env, ...env },
  })`${argv}`
  let lines = 0
  command.stderr.on('data', (chunk: Buffer) => {
    lines += chunk.toString().split('\n').length - 1
  })
  const timer = setInterval(
    () => tick(lines, Math.round((performance.now() - started) / 1000)),
    INTERVAL,
  )
  const out = await command.finally(() => clearInterval(timer))
  if (out.exitCode === 0) return out.stdout
  if (out.exitCode === null) throw new Error(`not done after ${timeout / 60_000} min`)
  throw new Error(takeLastLines(out.stderr) || takeLastLines(out.stdout) || `exit ${out.exitCode}`)
}

const takeLastLines = (text: string) => text.trim().split('\n').slice(-3).join(' · ')
