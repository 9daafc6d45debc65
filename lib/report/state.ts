import type { ExitCode, Failure, HostResult, Listed, Outcome } from '../events.ts'
import type { Diff } from '../operation.ts'

/** An operation of a host, as far as it has come. */
export type OpState = Listed & {
  readonly play: number
  readonly outcome?: Outcome
  /** Milliseconds since the run began. */
  readonly startedAt?: number
  readonly ms?: number
  readonly planned?: Diff
  readonly unknown?: string
}

/**
 * A round trip of a host: from when to when, in milliseconds since the run began, and how many
 * changes it was to make.
 */
export type RoundState = {
  readonly from: number
  readonly until?: number
  readonly changes: number
}

/** A host and its operations. */
export type HostState = {
  readonly name: string
  readonly ops: readonly OpState[]
  readonly counts: Readonly<Record<Outcome['is'], number>>
  /** The last one has no end while it runs. */
  readonly rounds: readonly RoundState[]
  readonly trips: number
  readonly connectedMs?: number
  /** Milliseconds since the run began, when it was connected first. */
  readonly connectedAt?: number
  /** The operation that is being applied. */
  readonly running?: number
  readonly result?: HostResult
  readonly error?: Failure
  readonly ms?: number
}

/** What one role (or the playbook's own list) does in one play, over all of its hosts. */
export type StepState = {
  readonly play: number
  readonly role: string
  /** Operations not settled, by host. */
  readonly left: ReadonlyMap<string, number>
  /** Hosts on which all of it is settled, and well. */
  readonly done: number
  readonly changed: number
  readonly wouldChange: number
  readonly unknown: number
  /** Hosts on which it was not carried through. */
  readonly stopped: ReadonlySet<string>
  /** Operations that failed. */
  readonly failed: readonly { readonly host: string; readonly op: number }[]
  /** The operation being applied, by host. */
  readonly running: ReadonlyMap<string, number>
}

/**
 * A play: its hosts, those whose operations are known, and its steps in the order in which they
 * were listed.
 */
export type PlayState = {
  readonly name: string
  readonly hosts: readonly string[]
  readonly listed: ReadonlySet<string>
  readonly steps: ReadonlyMap<string, StepState>
}

export type Note = { readonly text: string; readonly host?: string }

/** All that is known of a run. It is the fold's own: others read it. */
export type RunState = {
  readonly playbook: string
  readonly check: boolean
  readonly at: number
  readonly plays: readonly PlayState[]
  readonly notes: readonly Note[]
  readonly hosts: ReadonlyMap<string, HostState>
  /** Length of the longest host name. */
  readonly widest: number
  readonly exitCode?: ExitCode
  readonly ms?: number
  /** What the events themselves got wrong: an operation settled twice, or never. */
  readonly faults: readonly string[]
}

/** A run of which nothing has been heard. */
export const createRunState = (): RunState => ({
  playbook: '',
  check: false,
  at: 0,
  plays: [],
  notes: [],
  hosts: new Map(),
  widest: 0,
  faults: [],
})
