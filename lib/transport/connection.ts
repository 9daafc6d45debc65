import type { Readable, Writable } from 'node:stream'
import { inspect } from 'node:util'

/** How a process on a host ended. Both null: the link was lost, and nothing is known of it. */
export type Exit = { readonly code: number | null; readonly signal: string | null }

/** A process on a host and its three pipes. */
export type Process = {
  readonly stdin: Writable
  readonly stdout: Readable
  readonly stderr: Readable
  /** Settles when the process ended or the link was lost; never rejects. */
  readonly exit: Promise<Exit>
  /** Closes the channel. What runs on the host may go on. */
  readonly close: () => void
}

/** One connection to one host. */
export type Connection = {
  readonly host: string
  /**
   * The fingerprint of the key that this login was made with, `SHA256:…`. Null or absent without a
   * key.
   */
  readonly key?: string | null
  /**
   * Starts a command line as the login user. The text is fixed and contains no values. Rejects when
   * the host cannot be reached.
   */
  readonly start: (command: string) => Promise<Process>
  readonly close: () => Promise<void>
}

/**
 * The host could not be reached or the link to it was lost: exit code 4, told apart from a failure
 * on the host.
 */
export class Unreachable extends Error {
  readonly host: string
  /** What the operator can do. */
  readonly next: string | undefined
  constructor(
    host: string,
    message: string,
    options: { readonly next?: string; readonly cause?: unknown } = {},
  ) {
    super(`${host}: ${message}`, { cause: options.cause })
    this.name = 'Unreachable'
    this.host = host
    this.next = options.next
  }
  /** A script that it ends prints what went wrong, and no stack. */
  [inspect.custom](): string {
    return this.next === undefined ? this.message : `${this.message}\n  ${this.next}`
  }
}

/**
 * The run was interrupted before the host was reached, or while a lost link was sought again: given
 * up on the operator's word.
 */
export class Stopped extends Error {
  constructor(host: string) {
    super(`${host}: given up, the run was interrupted`)
    this.name = 'Stopped'
  }
}
