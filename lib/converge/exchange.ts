import { takeEnd } from '../errors/excerpt.ts'
import { describeExit } from '../errors/exit-status.ts'
import { toFailure } from '../errors/failure.ts'
import type { Failure } from '../events.ts'
import type { Output } from '../operation.ts'
import type { Frame } from '../transport/protocol/frames.ts'
import { OWN_SECONDS, takeLease } from '../transport/protocol/lease.ts'
import { MissingTools } from '../transport/protocol/missing-tools.ts'
import { probeDeadline } from '../transport/protocol/probe.ts'
import { sendRound } from '../transport/protocol/round-trip.ts'
import { deadline, type Probe, type Step } from '../transport/protocol/script.ts'
import type { Shell } from '../transport/root-shell.ts'
import { isChange, type Slot, type Trouble } from './plan.ts'

/**
 * What a round trip did: the operations applied with exit 0, in order; what went wrong; whether a
 * stop request ended the batch.
 */
export type Exchanged = {
  readonly did: readonly number[]
  readonly trouble: Trouble | null
  readonly stopped: boolean
}

/** Who may change a host, and where that is written down on it. */
export type Lease = { readonly path: string; readonly who: string }

export type Watch = {
  readonly started: (id: number) => void
  readonly ended: (id: number, ms: number, applied: boolean) => void
  /**
   * An earlier shell still ends what it was doing: its process, and the run that it belonged to.
   */
  readonly waiting: (process: string, run: string) => void
}

/**
 * One round trip: the batch is applied, then everything is probed. The slots hold the new outputs
 * afterwards. Rejects with ShellLost.
 */
export const exchange = async (
  shell: Shell,
  all: readonly Slot[],
  steps: readonly Step[],
  lease: Lease | null,
  watch: Watch,
): Promise<Exchanged> => {
  const found = { did: [] as number[], trouble: null as Trouble | null, stopped: false, since: 0 }
  const round = {
    lease: lease && takeLease(lease.path, lease.who),
    steps,
    probes: all.map(probeOf),
    seconds: seconds(all, steps),
  }
  await sendRound(shell, round, frame => hear(frame, all, watch, found))
  return found
}

export const probeOf = ({ op }: Slot, id: number): Probe => ({
  id,
  probe: op.probe,
  seconds: op.probeSeconds,
})

const hear = (
  frame: Frame,
  all: readonly Slot[],
  watch: Watch,
  found: { did: number[]; trouble: Trouble | null; stopped: boolean; since: number },
): void => {
  if (frame.type === 'missing')
    found.trouble = { id: null, failure: toFailure(new MissingTools(frame.tools)) }
  if (frame.type === 'held') found.trouble = { id: null, failure: heldBy(frame.by) }
  if (frame.type === 'waiting') watch.waiting(...(frame.by.split(/ (.*)/, 2) as [string, string]))
  if (frame.type === 'stopped') found.stopped = true
  if (frame.type === 'probed') slot(all, frame.id).output = frame.output
  if (frame.type === 'start') {
    found.since = performance.now()
    watch.started(frame.id)
  }
  if (frame.type !== 'changed') return
  watch.ended(frame.id, performance.now() - found.since, frame.output.rc === 0)
  if (frame.output.rc === 0) found.did.push(frame.id)
  else found.trouble = { id: frame.id, failure: failed(slot(all, frame.id), frame.output) }
}

const slot = (all: readonly Slot[], id: number): Slot => {
  const found = all[id]
  if (!found) throw new Error(`the host spoke of operation ${id}, which was not listed`)
  return found
}

/**
 * Seconds that the whole round may take on the host, with a margin for the link: the host's own
 * watchdog comes first.
 */
const seconds = (all: readonly Slot[], steps: readonly Step[]): number => {
  const probes = probeDeadline(all.map(({ op }) => op.probeSeconds))
  return (
    (steps.length > 0 ? OWN_SECONDS : 0) +
    steps.reduce(
      (sum, step) =>
        sum + ('turn' in step ? step.turn.seconds + 3 : deadline(step.change.change) + 65),
      probes,
    )
  )
}

const failed = ({ op, plan }: Slot, { rc, stderr, stdout }: Output): Failure => {
  const late = isChange(plan)
    ? `not done within ${deadline(plan)} s, and ended`
    : 'ended by its deadline'
  const said = stderr.trim() || stdout.toString().trim()
  return {
    message: `${op.id}: ${rc === 124 ? late : describeExit(rc)}`,
    ...(said ? { stderr: takeEnd(said.split('\n').slice(-12).join('\n'), 2000) } : {}),
  }
}

const heldBy = (by: string): Failure => {
  if (by.startsWith('lost'))
    return {
      message: `another run took this host over: ${by.slice(5)}`,
      next: 'see what that run does, then start again',
    }
  if (!/^\d/.test(by)) return { message: `the lease of this host could not be taken: ${by}` }
  return {
    message: `this host is being changed by another run: process ${by}`,
    next: 'wait until it has ended: the lease ends with its process',
  }
}
