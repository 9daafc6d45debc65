import type { Pause, Process } from '../host/kernel.ts'
import type { ShellState } from './state.ts'
import type { List } from './syntax.ts'

export type Run = Generator<Pause, void, void>
/** What is still to be run; null if all of it was done without a pause. */
export type Rest = Run | null

/** A shell process, as builtins, expansions and programs know it. */
export type Shell = {
  readonly process: Process
  readonly state: ShellState
  /** Runs commands in this very process. */
  readonly list: (list: List) => Rest
  /** What commands print, without the newlines at its end. */
  readonly substitute: (list: List) => Generator<Pause, string, void>
  /** Waits for a child; its exit code. */
  readonly wait: (child: Process) => Generator<Pause, number, void>
  readonly print: (text: string, fd?: number) => Rest
  /** Tells on stderr what is wrong. */
  readonly complain: (what: string, who?: string) => Run
}
