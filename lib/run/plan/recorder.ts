import type { ConvergeResult } from '../../converge/converge.ts'
import type { ConvergeOptions } from '../../converge/options.ts'

/**
 * A play as a plan sees it: its name, and of each host the ids of what is chosen of its list, in
 * order.
 */
export type PlannedPlay = {
  readonly name: string
  readonly hosts: ReadonlyMap<string, readonly string[]>
}

/** A plan in a run: one that is made, or one that is kept to. */
export interface Planning {
  /** A play begins. One that is not in the plan is an InputError. */
  begin(play: PlannedPlay): void
  /** Why a host is not played now; null: it is. */
  bar(host: string): string | null
  /** What the convergence of a host is told. */
  converging(host: string): Pick<ConvergeOptions, 'guard' | 'onPlanned'>
  /**
   * A host has ended. True where it is left out of what follows, since the plan goes no further on
   * it.
   */
  ended(host: string, result: ConvergeResult): boolean
  /** The run has ended well enough. Gives what the operator should know. */
  end(): string
}
