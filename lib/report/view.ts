import type { Event } from '../events.ts'
import type { RunState } from './run-state.ts'

/** Shows the events of a run. It has no state of the run itself. */
export type View = {
  /** Called for each event, after `reduce`. */
  readonly event: (event: Event, state: RunState) => void
  /** Releases the terminal until `resume`. */
  readonly pause?: (state: RunState) => Promise<void>
  readonly resume?: () => void
  /** Called once, even if the run was interrupted at any point. */
  readonly close: (state: RunState) => Promise<void>
}

/** The output of a view: a stream, or its replacement in a test. */
export type Out = {
  readonly write: (text: string) => unknown
  readonly on?: (event: 'error', heard: (error: Error) => void) => unknown
}
