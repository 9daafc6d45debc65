import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Mode } from './scenario.ts'
import type { WorkerLine } from './worker.ts'

export type SeedRange = {
  readonly from: number
  readonly count: number
  /** Processes at a time. */
  readonly jobs: number
  /** Default: by the seed. */
  readonly mode?: Mode
  readonly stopAtFirst?: boolean
  /** Hears of each seed that fails. */
  readonly onFailure?: (failure: SeedFailure) => void
  /** The project whose engine is run. Default: this one. */
  readonly root?: string
}

export type SeedFailure = Extract<WorkerLine, { failed: unknown }>['failed']

export type SeedsResult = {
  readonly seeds: number
  /** Steps of processes on all hosts. */
  readonly steps: number
  /** Virtual hours. */
  readonly hours: number
  /** Seconds that it took. */
  readonly seconds: number
  /** Seconds of processor that the workers used. */
  readonly cpu: number
  readonly failures: readonly SeedFailure[]
  /** What a worker said that did not come to its end. */
  readonly broken: readonly string[]
}

const own = fileURLToPath(new URL('../..', import.meta.url))

/**
 * A seed makes much that is soon forgotten: with more room for it, less is copied. Other threads
 * that collect garbage would take the processor from the other workers.
 */
const MEMORY = ['--min-semi-space-size=64', '--max-semi-space-size=64', '--single-threaded-gc']

/** Runs a range of seeds in processes of their own. */
export const runSeeds = async (range: SeedRange): Promise<SeedsResult> => {
  const since = performance.now()
  const { jobs } = range
  const all = await Promise.all(Array.from({ length: jobs }, (_, job) => runWorker(range, job)))
  const lines = all.flatMap(({ lines }) => lines)
  const ended = lines.flatMap(line => ('ended' in line ? [line.ended] : []))
  const sum = (pick: (one: (typeof ended)[number]) => number): number =>
    ended.reduce((total, one) => total + pick(one), 0)
  return {
    seeds: sum(one => one.seeds),
    steps: sum(one => one.steps),
    hours: sum(one => one.hours),
    seconds: (performance.now() - since) / 1000,
    cpu: sum(one => one.cpu),
    failures: lines.flatMap(line => ('failed' in line ? [line.failed] : [])),
    broken: all.flatMap(({ broken }) => (broken === '' ? [] : [broken])),
  }
}

const runWorker = async (
  { from, count, jobs, mode = '' as Mode, stopAtFirst = false, onFailure, root = own }: SeedRange,
  job: number,
): Promise<{ lines: WorkerLine[]; broken: string }> => {
  const words = [from + job, count - job, jobs, mode, stopAtFirst ? 'first' : 'all'].map(String)
  const child = spawn(
    process.execPath,
    [
      ...MEMORY,
      ...['--import', new URL('lib/preload.mjs', `file://${root}/`).href],
      fileURLToPath(new URL('test/simulation/worker.ts', `file://${root}/`)),
      ...words,
    ],
    { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] },
  )
  let errors = ''
  child.stderr.on('data', chunk => {
    errors = (errors + String(chunk)).slice(-4000)
  })
  const ended = new Promise<number | null>(resolve => child.once('close', resolve))
  const lines: WorkerLine[] = []
  for await (const text of createInterface(child.stdout)) {
    const line = JSON.parse(text) as WorkerLine
    lines.push(line)
    if ('failed' in line) onFailure?.(line.failed)
  }
  const code = await ended
  return { lines, broken: code === 0 ? '' : errors || `a worker ended with exit code ${code}` }
}
