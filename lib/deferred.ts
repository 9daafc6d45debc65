/**
 * The state cannot be determined yet: not until the changes before it are made, or not until
 * another host has done its part.
 */
export class Unknown {
  readonly why: string
  /** The value of another host that it waits for. */
  readonly deferred: Deferred<unknown> | undefined
  constructor(why: string, deferred?: Deferred<unknown>) {
    this.why = why
    this.deferred = deferred
  }
}

/**
 * The state was read, and no change of ours puts it right: a job that failed. Unknown while a
 * change is pending before it, otherwise an error.
 */
export class Refusal extends Unknown {
  readonly next: string
  /** What explains it, such as the last lines of a log. */
  readonly stderr: string | undefined
  constructor(why: string, next: string, stderr?: string) {
    super(why)
    this.next = next
    this.stderr = stderr
  }
}

/**
 * A value that one host provides and others wait for (a join token). It is provided once, or
 * rejected with a reason.
 */
export class Deferred<T> {
  readonly name: string
  readonly settled: Promise<void>
  #value: { readonly is: T } | undefined
  #rejection: string | undefined
  #settle: () => void = () => {}
  constructor(name: string) {
    this.name = name
    this.settled = new Promise(resolve => {
      this.#settle = resolve
    })
  }
  provide(value: T): void {
    this.#value = { is: value }
    this.#settle()
  }
  reject(why: string): void {
    if (this.#value) return
    this.#rejection = why
    this.#settle()
  }
  /** True once its host has ended without providing it. */
  get rejected(): boolean {
    return this.#rejection !== undefined
  }
  /** The value, or, before it is provided, the Unknown that an operation's plan returns. */
  get(): T | Unknown {
    if (this.#value) return this.#value.is
    return new Unknown(
      this.#rejection === undefined ? `until ${this.name}` : `${this.name}: ${this.#rejection}`,
      this as Deferred<unknown>,
    )
  }
}
