import { inspect } from 'node:util'

/**
 * A value that must not be seen. It prints as its name wherever it is shown; `sh` does not take it;
 * only code that hands it to
 * its destination as stdin calls `reveal`.
 */
export class Secret {
  readonly name: string
  readonly #value: string
  constructor(value: string, name: string) {
    this.#value = value
    this.name = name
  }
  /**
   * The value itself. Call it at the last moment, and never for a message, a path or an argument.
   */
  reveal(): string {
    return this.#value
  }
  toString(): string {
    return `(secret ${this.name})`
  }
  toJSON(): string {
    return this.toString()
  }
  [inspect.custom](): string {
    return this.toString()
  }
}
