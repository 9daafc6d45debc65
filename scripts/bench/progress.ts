/** Says on stderr at which step the benchmark is: a line each, with the time since it began. */
import { say } from '../../lib/report/print.ts'

const since = performance.now()
let last = ''

/** Begins a step. The same one again, as for the second of three measurements, is not repeated. */
export const showStep = (step: string): void => {
  if (step === last) return
  last = step
  const seconds = Math.round((performance.now() - since) / 1000)
  say(`${String(seconds).padStart(5)} s  ${step}`)
}
