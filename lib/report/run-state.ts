import type { ExitCode, Failure, HostResult, Listed, Outcome } from '../events.ts'
import type { Diff } from '../operation.ts'

/** The state of an operation of a host. */
export type OpState = Listed & {
  readonly play: number
  readonly outcome?: Outcome
  /** Milliseconds since the run began. */
  readonly startedAt?: number
  readonly ms?: number
  readonly planned?: Diff
  readonly unknown?: string
}

/** A round trip of a host, in milliseconds since the run began, and its number of changes. */
export type RoundState = {
  readonly from: number
  readonly until?: number
  readonly changes: number
}

/** A command that the script ran on a host between two plays. */
export type CommandState = {
  readonly command: string
  readonly outcome: 'ran' | 'failed' | 'lost'
  readonly exitCode: number | null
  readonly ms: number
  /** The end of what it printed, unless it ran well. */
  readonly output: string
  readonly quiet: boolean
}

/** A host and its operations. */
export type HostState = {
  readonly name: string
  readonly ops: readonly OpState[]
  readonly commands: readonly CommandState[]
  readonly counts: Readonly<Record<Outcome['is'], number>>
  /** The running one has no end yet. */
  readonly rounds: readonly RoundState[]
  readonly trips: number
  readonly connectedMs?: number
  /** Time of the first connection, in milliseconds since the run began. */
  readonly connectedAt?: number
  /** The operation that runs now. */
  readonly running?: number
  readonly result?: HostResult
  readonly error?: Failure
  readonly ms?: number
}

/** The state of one role, or of the playbook's own list, in one play on all its hosts. */
export type StepState = {
  readonly play: number
  readonly role: string
  /** Number of unsettled operations, by host. */
  readonly left: ReadonlyMap<string, number>
  /** Number of operations on all hosts, and of those that have settled. */
  readonly total: number
  readonly settled: number
  /** Number of hosts on which all of it has settled successfully. */
  readonly done: number
  readonly changed: number
  readonly wouldChange: number
  readonly unknown: number
  /** Hosts on which it did not run to its end. */
  readonly stopped: ReadonlySet<string>
  /** Operations that failed. */
  readonly failed: readonly { readonly host: string; readonly op: number }[]
  /** The running operation, by host. */
  readonly running: ReadonlyMap<string, number>
}

/** A play: its hosts, those whose operations are known, and its steps in order. */
export type PlayState = {
  readonly name: string
  readonly hosts: readonly string[]
  readonly listed: ReadonlySet<string>
  readonly steps: ReadonlyMap<string, StepState>
}

export type Note = { readonly text: string; readonly host?: string }

/** The state of a run. Only `reduce` changes it. */
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
  /** Why the script ended early, if no host is the reason. */
  readonly error?: Failure
  readonly ms?: number
  /** Contradictions between events, such as an operation that settled twice. */
  readonly faults: readonly string[]
}

/** Creates the state of a run without events. */
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
