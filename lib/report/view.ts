import type { Event } from '../events.ts'
import type { RunState } from './state.ts'

/**
 * What is made of a run's events for somebody to see. It holds no state of the run: that is the
 * fold's.
 */
export type View = {
  /** Called for each event, after the fold. */
  readonly event: (event: Event, state: RunState) => void
  /** Leaves the terminal to somebody else until `resume`. */
  readonly pause?: (state: RunState) => Promise<void>
  readonly resume?: () => void
  /** Called once, whatever happened: the run may have been broken off at any point. */
  readonly close: (state: RunState) => Promise<void>
}

/** Where a view writes: a stream, or what stands for it in a test. */
export type Out = {
  readonly write: (text: string) => unknown
  readonly on?: (event: 'error', heard: (error: Error) => void) => unknown
}
