/** A whole process, as a user starts it: Node's start, loading, the work, the record on disk. */
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import type { Measured } from './measurement.ts'
import { sumChildSeconds } from './raw-ssh.ts'

export type MeasuredCommand = {
  readonly words: readonly string[]
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
}

/** All that the command printed comes first, then bash's `times`; what it started counts too. */
const script = '"$@" 2>&1 </dev/null; code=$?; echo; times; exit $code'

/**
 * Runs a command to its end. `changed` is what its last line says. Rejects with what it said last
 * if it fails, or after so many milliseconds.
 */
export const measureWhole = ({ words, cwd, env }: MeasuredCommand, ms: number): Promise<Measured> =>
  new Promise((resolve, reject) => {
    const since = performance.now()
    const child = spawn('bash', ['-c', script, 'bench', ...words], {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'inherit'],
      timeout: Math.max(1, Math.round(ms)),
    })
    const memory = watchMemory(child.pid ?? 0)
    let text = ''
    child.stdout.on('data', chunk => (text += chunk))
    child.on('error', reject)
    child.on('close', code => {
      const seconds = (performance.now() - since) / 1000
      const mebibytes = memory.stop()
      const said = text.trimEnd().split('\n').slice(0, -2).join('\n').trimEnd()
      if (code !== 0)
        return reject(new Error(said.split('\n').at(-1) || `ended with ${code ?? 'no code'}`))
      const changed = Number(/(\d+) changed/.exec(said.split('\n').at(-1) ?? '')?.[1] ?? 0)
      resolve({ seconds, cpu: sumChildSeconds(text), changed, mebibytes })
    })
  })

/** Looks every 10 ms how much memory a process and those below it have had. */
const watchMemory = (pid: number) => {
  let most = 0
  const timer = setInterval(() => {
    for (const child of findChildren(pid)) most = Math.max(most, readPeak(child))
  }, 10)
  return {
    /** Ends; the peak resident memory of the largest of them, MiB. */
    stop: (): number => {
      clearInterval(timer)
      return most / 1024
    },
  }
}

/** Every process below this one. */
const findChildren = (pid: number): number[] =>
  readProcessFile(`/proc/${pid}/task/${pid}/children`)
    .split(' ')
    .filter(word => word !== '')
    .flatMap(word => [Number(word), ...findChildren(Number(word))])

const readPeak = (pid: number): number =>
  Number(/^VmHWM:\s+(\d+) kB$/m.exec(readProcessFile(`/proc/${pid}/status`))?.[1] ?? 0)

const readProcessFile = (path: string): string => {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return '' // it has ended
  }
}
