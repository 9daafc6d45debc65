import { inspect } from 'node:util'

/**
 * A value that must not be shown. It prints as its name, and `sh` does not accept it. Only code
 * that passes it to its destination as stdin calls `reveal`.
 */
export class Secret {
  readonly name: string
  readonly #value: string
  constructor(value: string, name: string) {
    this.#value = value
    this.name = name
  }
  /** Returns the value. Never use it for a message, a path or an argument. */
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
