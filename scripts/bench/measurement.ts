/** What one measurement says. A leaf: types only. */

/** One piece of work, from its first line to its end. */
export type Measured = {
  /** Wall time. */
  readonly seconds: number
  /** User and system time of the controller: this process, or all of ssh's. */
  readonly cpu: number
  /** How many operations changed something, on all hosts. */
  readonly changed: number
  /**
   * Only the tool: what its process used before the first line (Node's start and loading of the
   * modules).
   */
  readonly load?: { readonly seconds: number; readonly cpu: number }
  /** Only the tool: peak resident memory of the whole process, MiB. */
  readonly mebibytes?: number
  /** Only the tool: round trips of a host, the most of all. */
  readonly trips?: number
  /**
   * Only the tool: seconds until the last host had given its root shell, since it was asked for.
   */
  readonly connect?: number
}

/**
 * A row of the report: the work, and the tool's and the yardstick's figures (the medians if it was
 * done more than once).
 */
export type Row = {
  readonly work: string
  /** What kept a measurement from being one. */
  readonly problems: readonly string[]
  readonly tool?: Measured
  readonly raw?: Measured
  /** What is wanted: of the tool's own wall time, of its CPU, of its memory. */
  readonly reach?: Reach
}

export type Reach = {
  readonly seconds: number
  readonly cpu?: number
  readonly mebibytes?: number
  readonly rawRatio?: number
}

/** The same work by another tool. */
export type Other = {
  readonly work: string
  readonly by: string
  readonly problems: readonly string[]
  readonly measured?: Measured
}
