/**
 * Runs a range of seeds in this process and prints a JSON line for each that fails, and one at the
 * end: `worker.ts FROM COUNT EVERY MODE STOP`. It takes every EVERYth seed; with STOP `first` it
 * ends at the first failure.
 */
import type { Mode } from './scenario.ts'
import { chooseMode, simulate } from './simulate.ts'

/** What a worker prints. */
export type WorkerLine =
  | { readonly failed: { readonly seed: number; readonly mode: Mode; readonly why: string } }
  | { readonly ended: Ended }

type Ended = {
  readonly seeds: number
  readonly steps: number
  readonly hours: number
  /** Seconds of processor, from the start of the process. */
  readonly cpu: number
}

const [from = '1', count = '1', every = '1', mode = '', stop = ''] = process.argv.slice(2)
const print = (line: WorkerLine): void => void process.stdout.write(`${JSON.stringify(line)}\n`)

let [seeds, steps, ms] = [0, 0, 0]
for (let seed = Number(from); seed < Number(from) + Number(count); seed += Number(every)) {
  const result = await simulate(seed, mode === '' ? chooseMode(seed) : (mode as Mode))
  seeds++
  steps += result.steps
  ms += result.ms
  const [why] = result.violations
  if (why === undefined) continue
  print({ failed: { seed, mode: result.mode, why } })
  if (stop === 'first') break
}
const { user, system } = process.cpuUsage()
print({ ended: { seeds, steps, hours: ms / 3600_000, cpu: (user + system) / 1e6 } })
