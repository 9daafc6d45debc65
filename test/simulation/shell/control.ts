/** The shell ends. */
export class Exit extends Error {
  readonly status: number
  constructor(status: number) {
    super('exit')
    this.status = status
  }
}

/** A function ends. */
export class Return extends Error {}

/** A loop ends, or goes on with its next turn. */
export class Break extends Error {
  readonly levels: number
  readonly goesOn: boolean
  constructor(levels: number, goesOn: boolean) {
    super('break')
    this.levels = levels
    this.goesOn = goesOn
  }
}

// They are thrown often, and nobody looks at where.
Error.stackTraceLimit = Math.min(Error.stackTraceLimit, 10)
