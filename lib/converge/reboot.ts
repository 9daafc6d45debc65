import type { Operation } from '../operation.ts'
import { ShellLost } from '../transport/byte-reader.ts'
import { Stopped } from '../transport/connection.ts'
import { probe } from '../transport/protocol/probe.ts'
import type { Shell } from '../transport/root-shell.ts'
import type { Options } from './options.ts'
import { decide, isChange, type Slot, slots, type Trouble } from './plan.ts'

type Seeking = Pick<Options, 'shell' | 'stop' | 'host'>

/**
 * The seconds within which the host is back after the change that was running, where that ends the
 * link on purpose.
 */
export const awayOf = (all: readonly Slot[], running: number | null): number | undefined => {
  const plan = running === null ? null : (all[running] as Slot).plan
  return isChange(plan) ? plan.rebootSeconds : undefined
}

/**
 * The host was seen again, and of the operation that ended the link nothing is left to do that
 * would end it once more: a host that is
 * still going down may answer for a moment. Tells what was wrong where that is not so in time.
 */
export const comesBack = async (
  all: readonly Slot[],
  id: number,
  options: Seeking,
  note: (text: string) => void,
): Promise<Trouble | null> => {
  const { op } = all[id] as Slot
  const seconds = awayOf(all, id) ?? 0
  note(`${op.id} ended the link on purpose: the host is expected back within ${seconds} s`)
  for (const until = performance.now() + seconds * 1000; performance.now() < until; await pause()) {
    if (options.stop?.requested) throw new Stopped(options.host)
    const shell = await options.shell((until - performance.now()) / 1000)
    if (await isSettled(shell, op)) return null
  }
  return {
    id,
    failure: { message: `${op.id}: the host was not back as it should be within ${seconds} s` },
  }
}

const isSettled = async (shell: Shell, op: Operation): Promise<boolean> => {
  const one = slots([op])
  try {
    const [output = null] = await probe(shell, [{ fragment: op.probe, seconds: op.probeSeconds }])
    for (const slot of one) slot.output = output
    decide(one)
    return awayOf(one, 0) === undefined
  } catch (error) {
    if (!(error instanceof ShellLost)) throw error
    shell.drop()
    return false
  }
}

const pause = () => new Promise(resolve => setTimeout(resolve, 1000))
