import { inspect } from 'node:util'
import { Redactor } from './secrets/redactor.ts'

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

const redactor = new Redactor()

/**
 * From now on nothing that this process prints or records shows the secret, in plain or encoded:
 * its name takes its place. `run.secret` does so itself; returns the secret.
 */
export const hideSecret = (secret: Secret): Secret => {
  redactor.hide(secret.reveal(), secret.toString())
  return secret
}

/** How many characters at the end of a text may be the beginning of a hidden secret. */
export const countSecretOverlap = (text: string): number => redactor.countOverlap(text)

/** Takes all hidden secrets out of a text. */
export const redactSecrets = (text: string): string => redactor.redact(text)
