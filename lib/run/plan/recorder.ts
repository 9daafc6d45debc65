import type { ConvergeOptions, ConvergeResult } from '../../converge/converge.ts'

/** A play as a plan sees it. */
export type PlannedPlay = {
  readonly name: string
  /** The ids of the selected operations of each host, in order. */
  readonly hosts: ReadonlyMap<string, readonly string[]>
}

/** A plan in a run: one that is written, or one that is kept to. */
export interface PlanRecorder {
  /** Begins a play. One that is not in the plan is an InputError. */
  begin(play: PlannedPlay): void
  /** Explains why a host is not played now; null if it is. */
  explainBar(host: string): string | null
  /** Returns the options for the convergence of a host. */
  getOptions(host: string): Pick<ConvergeOptions, 'guard' | 'onPlanned'>
  /**
   * Takes the result of a host. Returns true if the host is left out of what follows because the
   * plan goes no further on it.
   */
  takeResult(host: string, result: ConvergeResult): boolean
  /** Ends a run that went well enough. Returns what the operator should know. */
  end(): string | Promise<string>
}
