import type { RunSpec } from './controller.ts'
import type { Cut } from './host/link.ts'

/**
 * `safety`: faults come at any time, for ever; nothing false may be done or said. `liveness`: the
 * faults end, and then a run brings everything to its state, and another changes nothing.
 */
export type Mode = 'safety' | 'liveness'

export const FAULTS = [
  'cut',
  'kill-shell',
  'kill-change',
  'reboot',
  'no-space',
  'slow',
  'stall',
  'refuse',
  'edit',
  'interrupt',
  'interrupt-twice',
  'die',
] as const

/**
 * A fault, and when: at so many steps of the host's processes, or virtual milliseconds, or before a
 * cat hands over the file whose path ends so.
 */
export type Fault = {
  readonly kind: (typeof FAULTS)[number] | 'noise'
  readonly host: string
  readonly when: { readonly step: number } | { readonly ms: number } | { readonly cat: string }
  /** What else there is to decide, from 0 to 1. */
  readonly dice: number
  /** How the link ends. Default: by the dice. */
  readonly cut?: Cut
}

export type HostSpec = {
  readonly name: string
  readonly delay: readonly [number, number]
  readonly pace: number
  readonly becomes: 'no' | 'sudo'
  /** Bytes a second that go to it. */
  readonly bandwidth: number
  /** The lease of a run of before, which is dead. */
  readonly deadLease: boolean
  /** Markers that are there from the begin: `a1.hang`, `a2.broken`. */
  readonly markers: readonly string[]
  /** Programs of runs that are held up before they begin, for up to so long. Default none. */
  readonly heldUp?: { readonly who: RegExp; readonly command: RegExp; readonly ms: number }
}

export type Scenario = {
  readonly seed: number
  /** `mixed`, or what it looks for. */
  readonly kind: string
  readonly mode: Mode
  readonly hosts: readonly HostSpec[]
  readonly runs: readonly RunSpec[]
  readonly faults: readonly Fault[]
  /** An operation is made so that it fails, by its deadline. Default false. */
  readonly mayFail?: boolean
}
