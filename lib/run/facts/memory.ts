import { Unknown } from '../../operation.ts'
import { sh } from '../../sh.ts'
import type { Fact } from './fact.ts'

/** All in bytes. */
export type Memory = {
  readonly total: number
  /** What programs can have without swapping. */
  readonly available: number
  readonly swap: { readonly total: number; readonly free: number }
}

/** The memory of the machine. In a container too: a limit of its cgroup is not in it. */
export const memory: Fact<Memory> = {
  name: 'memory',
  probe: sh`cat /proc/meminfo`,
  read: printed => {
    const of = (name: string): number =>
      Number(new RegExp(`^${name}: +(\\d+) kB$`, 'm').exec(printed)?.[1] ?? Number.NaN) * 1024
    const [total, available, swapTotal, swapFree] = [
      'MemTotal',
      'MemAvailable',
      'SwapTotal',
      'SwapFree',
    ].map(of) as [number, number, number, number]
    if ([total, available, swapTotal, swapFree].some(Number.isNaN))
      return new Unknown('/proc/meminfo does not say all of it')
    return { total, available, swap: { total: swapTotal, free: swapFree } }
  },
}
