/** Ends what runs, up to where it is caught. Thrown often, and nobody looks at where: no stack. */
export class Control {}

/** The shell ends. */
export class Exit extends Control {
  readonly status: number
  constructor(status: number) {
    super()
    this.status = status
  }
}

/** A function ends. */
export class Return extends Control {}

/** A loop ends, or goes on with its next turn. */
export class Break extends Control {
  readonly levels: number
  readonly goesOn: boolean
  constructor(levels: number, goesOn: boolean) {
    super()
    this.levels = levels
    this.goesOn = goesOn
  }
}
