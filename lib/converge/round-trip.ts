import { takeEnd } from '../errors/excerpt.ts'
import { describeExit } from '../errors/exit-status.ts'
import type { Failure } from '../events.ts'
import type { Output } from '../operation.ts'
import type { Frame } from '../transport/protocol/frames.ts'
import { OWN_SECONDS, takeLease } from '../transport/protocol/lease.ts'
import { computeProbeDeadline } from '../transport/protocol/probe.ts'
import { sendRound } from '../transport/protocol/round-trip.ts'
import { computeChangeDeadline, type Probe, type Step } from '../transport/protocol/script.ts'
import type { Shell } from '../transport/root-shell.ts'
import type { Lease } from './options.ts'
import { isChange, type Slot, type Trouble } from './plan.ts'

/** What a round trip did. */
export type RoundTripResult = {
  /** The operations applied with exit 0, in order. */
  readonly applied: readonly number[]
  readonly trouble: Trouble | null
  /** A stop request ended the batch. */
  readonly stopped: boolean
  /** A probe that had moved at its turn ended the batch. */
  readonly stale: boolean
}

export type RoundTripListener = {
  readonly onStart: (id: number) => void
  readonly onEnd: (id: number, ms: number, applied: boolean) => void
  /** An earlier shell still ends what it was doing: its process, and the run it belonged to. */
  /** A part of what the running change printed. */
  readonly onPrinted: (id: number, bytes: Buffer) => void
  readonly onWait: (process: string, run: string) => void
}

/**
 * Makes one round trip: the batch is applied, then everything is probed. The slots hold the new
 * outputs afterwards. Rejects with ShellLost.
 */
export const roundTrip = async (
  shell: Shell,
  all: readonly Slot[],
  steps: readonly Step[],
  lease: Lease | null,
  listener: RoundTripListener,
): Promise<RoundTripResult> => {
  const progress: Progress = { applied: [], trouble: null, stopped: false, stale: false, since: 0 }
  const round = {
    lease: lease && takeLease(lease.path, lease.who),
    steps,
    probes: all.map(toProbe),
    seconds: computeDeadline(all, steps),
  }
  await sendRound(shell, round, frame => takeFrame(frame, all, listener, progress))
  return progress
}

export const toProbe = ({ op }: Slot, id: number): Probe => ({
  id,
  probe: op.probe,
  seconds: op.probeSeconds,
})

type Progress = {
  applied: number[]
  trouble: Trouble | null
  stopped: boolean
  stale: boolean
  since: number
}

const takeFrame = (
  frame: Frame,
  all: readonly Slot[],
  { onStart, onEnd, onPrinted, onWait }: RoundTripListener,
  progress: Progress,
): void => {
  if (frame.type === 'held') progress.trouble = { id: null, failure: describeHolder(frame.by) }
  if (frame.type === 'waiting') onWait(...(frame.by.split(/ (.*)/, 2) as [string, string]))
  if (frame.type === 'stopped') progress.stopped = true
  if (frame.type === 'stale') {
    progress.stale = true
    getSlot(all, frame.id).moved++
  }
  if (frame.type === 'printed') onPrinted(frame.id, frame.bytes)
  if (frame.type === 'probed') getSlot(all, frame.id).output = frame.output
  if (frame.type === 'start') {
    progress.since = performance.now()
    onStart(frame.id)
  }
  if (frame.type !== 'changed') return
  const { id, output } = frame
  onEnd(id, performance.now() - progress.since, output.exitCode === 0)
  if (output.exitCode === 0) progress.applied.push(id)
  else progress.trouble = { id, failure: describeFailedChange(getSlot(all, id), output) }
}

const getSlot = (all: readonly Slot[], id: number): Slot => {
  const slot = all[id]
  if (!slot) throw new Error(`the host spoke of operation ${id}, which was not listed`)
  return slot
}

/**
 * Seconds that the whole round may take on the host, with a margin for the link: the host's own
 * watchdog acts earlier.
 */
const computeDeadline = (all: readonly Slot[], steps: readonly Step[]): number => {
  const probes = computeProbeDeadline(all.map(({ op }) => op.probeSeconds))
  return (
    (steps.length > 0 ? OWN_SECONDS : 0) +
    steps.reduce(
      (sum, step) =>
        sum +
        ('turn' in step ? step.turn.seconds + 3 : computeChangeDeadline(step.change.change) + 65),
      probes,
    )
  )
}

const describeFailedChange = (
  { op, plan }: Slot,
  { exitCode, stderr, stdout }: Output,
): Failure => {
  const late = isChange(plan)
    ? `not done within ${computeChangeDeadline(plan)} s, and ended`
    : 'ended by its deadline'
  const printed = stderr.trim() || stdout.toString().trim()
  return {
    message: `${op.id}: ${exitCode === 124 ? late : describeExit(exitCode)}`,
    ...(printed ? { stderr: takeEnd(printed.split('\n').slice(-12).join('\n'), 2000) } : {}),
  }
}

const describeHolder = (by: string): Failure => {
  if (by.startsWith('lost'))
    return {
      message: `another run took this host over: ${by.slice(5)}`,
      next: 'see what that run does, then start again',
    }
  if (by.startsWith('foreign'))
    return {
      message: `the lease of this host is not one of ours: ${by.slice(8)}`,
      next: 'if nothing changes this host just now, remove it there',
    }
  if (by.startsWith('unknown'))
    return {
      message: `the lease of this host could not be taken: for whom is not known (${by.slice(8)})`,
      next: 'start again; if it fails again, see whether id works there, and /proc can be read',
    }
  if (!/^\d/.test(by))
    return {
      message: `the lease of this host could not be taken: ${by}`,
      next: 'see there what keeps root from writing: a read-only or a full file system',
    }
  return {
    message: `this host is being changed by another run: process ${by}`,
    next: 'wait until it has ended: the lease ends with its process',
  }
}
