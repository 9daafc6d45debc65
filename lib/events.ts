import type { Diff } from './operation.ts'

/** Why something failed, as a person reads it. */
export type Failure = { readonly message: string; readonly next?: string; readonly stderr?: string }

/** How one listed operation ended. */
export type Outcome =
  | { readonly is: 'ok' }
  | { readonly is: 'changed'; readonly diff: Diff; readonly foreseen: boolean }
  | { readonly is: 'would-change'; readonly diff: Diff; readonly disruptive?: string }
  | { readonly is: 'unknown'; readonly why: string }
  | { readonly is: 'not-reached'; readonly why?: string }
  | { readonly is: 'skipped'; readonly why: string }
  | { readonly is: 'in-flight' }
  | { readonly is: 'failed'; readonly error: Failure }

/** `not-begun`: others had failed before its turn came. */
export type HostResult = 'ok' | 'failed' | 'unreachable' | 'interrupted' | 'not-begun'
export type ExitCode = 0 | 1 | 2 | 3 | 4 | 130

/**
 * What a renderer shows of an operation. `role` is the role that listed it, or the playbook's own
 * list.
 */
export type Listed = {
  readonly kind: string
  readonly name: string
  readonly role: string
  readonly tags: readonly string[]
}

/**
 * An operation of a host: its place in all that was listed on that host in this run (lists of later
 * plays count on).
 */
type OnOperation = { readonly host: string; readonly op: number }

/**
 * All that happens in a run. `at` is milliseconds since the run began, monotonic. Texts are
 * redacted before they come here.
 */
export type Event = { readonly at: number } & (
  | {
      readonly type: 'run-started'
      readonly playbook: string
      readonly check: boolean
      readonly hosts: readonly string[]
    }
  | {
      readonly type: 'play-started'
      readonly play: number
      readonly name: string
      readonly hosts: readonly string[]
    }
  | { readonly type: 'host-connected'; readonly host: string; readonly ms: number }
  | {
      readonly type: 'host-listed'
      readonly host: string
      readonly play: number
      readonly ops: readonly Listed[]
    }
  | {
      readonly type: 'round-started'
      readonly host: string
      readonly round: number
      readonly changes: number
    }
  | ({ readonly type: 'op-planned'; readonly diff: Diff } & OnOperation)
  | ({ readonly type: 'op-unknown'; readonly why: string } & OnOperation)
  | ({ readonly type: 'op-started' } & OnOperation)
  | ({ readonly type: 'op-output'; readonly text: string } & OnOperation)
  | ({ readonly type: 'op-settled'; readonly outcome: Outcome; readonly ms: number } & OnOperation)
  | {
      readonly type: 'host-finished'
      readonly host: string
      readonly result: HostResult
      readonly trips: number
      readonly ms: number
      readonly error?: Failure
    }
  | {
      readonly type: 'command'
      readonly host: string
      readonly command: string
      /** `lost`: nothing is known of how it ended. */
      readonly outcome: 'ran' | 'failed' | 'lost'
      readonly exitCode: number | null
      readonly ms: number
      /** The end of what it printed. */
      readonly output: string
      /** Of no interest to who looks on; it is in the record all the same. */
      readonly quiet: boolean
    }
  | { readonly type: 'note'; readonly text: string; readonly host?: string }
  | {
      readonly type: 'run-finished'
      readonly exitCode: ExitCode
      readonly ms: number
      /** Why the script ended before its last line, if no host is the reason. */
      readonly error?: Failure
    }
)

/** An event before its time is stamped on it. */
export type EventBody = Event extends infer E
  ? E extends { at: number }
    ? Omit<E, 'at'>
    : never
  : never
export type Emit = (event: EventBody) => void
