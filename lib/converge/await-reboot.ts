import type { Operation } from '../operation.ts'
import { ShellLost } from '../transport/byte-reader.ts'
import { Stopped } from '../transport/connection.ts'
import { probe } from '../transport/protocol/probe.ts'
import type { Shell } from '../transport/root-shell.ts'
import type { ConvergeOptions } from './options.ts'
import { decide, isChange, makeSlots, type Slot, type Trouble } from './plan.ts'

/**
 * Returns the seconds within which the host is back after the running change, if that change ends
 * the link on purpose.
 */
export const getRebootSeconds = (
  all: readonly Slot[],
  running: number | null,
): number | undefined => {
  const plan = running === null ? null : (all[running] as Slot).plan
  return isChange(plan) ? plan.rebootSeconds : undefined
}

/**
 * Waits until the host is back and the operation that ended the link would not end it once more:
 * a host that is still going down may answer for a moment. Returns what is wrong if that does not
 * happen in time.
 */
export const awaitReboot = async (
  all: readonly Slot[],
  id: number,
  options: Pick<ConvergeOptions, 'shell' | 'stop' | 'host'>,
  note: (text: string) => void,
): Promise<Trouble | null> => {
  const { op } = all[id] as Slot
  const seconds = getRebootSeconds(all, id) ?? 0
  note(`${op.id} ended the link on purpose: the host is expected back within ${seconds} s`)
  const deadline = performance.now() + seconds * 1000
  for (; performance.now() < deadline; await pause()) {
    if (options.stop?.requested) throw new Stopped(options.host)
    const shell = await options.shell((deadline - performance.now()) / 1000)
    if (await hasRebooted(shell, op)) return null
  }
  return {
    id,
    failure: { message: `${op.id}: the host was not back as it should be within ${seconds} s` },
  }
}

const hasRebooted = async (shell: Shell, op: Operation): Promise<boolean> => {
  const slots = makeSlots([op])
  try {
    const [output = null] = await probe(shell, [{ fragment: op.probe, seconds: op.probeSeconds }])
    for (const slot of slots) slot.output = output
    decide(slots)
    return getRebootSeconds(slots, 0) === undefined
  } catch (error) {
    if (!(error instanceof ShellLost)) throw error
    shell.drop()
    return false
  }
}

const pause = () => new Promise(resolve => setTimeout(resolve, 1000))
