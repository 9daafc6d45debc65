import { inspect } from 'node:util'
import { takeEnd } from '../../errors/excerpt.ts'
import type { Output } from '../../operation.ts'

/** What a command on a host printed, and its exit code: as zx's ProcessOutput. */
export class CommandOutput {
  readonly exitCode: number
  readonly stderr: string
  readonly #stdout: Buffer
  constructor({ exitCode, stdout, stderr }: Output) {
    this.exitCode = exitCode
    this.stderr = stderr
    this.#stdout = stdout
  }

  get ok(): boolean {
    return this.exitCode === 0
  }
  get stdout(): string {
    return this.#stdout.toString()
  }
  /** The exact bytes of stdout. */
  buffer(): Buffer {
    return this.#stdout
  }
  text(): string {
    return this.stdout
  }
  /** The lines of stdout, without their ends. */
  lines(): string[] {
    const text = this.stdout.replace(/\r?\n$/, '')
    return text === '' ? [] : text.split(/\r?\n/)
  }
  json<T = unknown>(): T {
    return JSON.parse(this.stdout) as T
  }
  toString(): string {
    return this.stdout
  }
}

export type CommandFault = {
  readonly host: string
  /** The command, with secrets taken out. */
  readonly command: string
  /** What went wrong: `exit 3`. */
  readonly why: string
  /** What it printed, with secrets taken out. */
  readonly said?: string
  readonly output?: CommandOutput
}

/**
 * A command on a host failed. It prints as its message, which names host and command; what was
 * printed is in `output`.
 */
export class CommandError extends Error {
  readonly host: string
  readonly command: string
  readonly #output: CommandOutput | undefined
  constructor({ host, command, why, said = '', output }: CommandFault) {
    const last = takeEnd(said.trim().split('\n').slice(-12).join('\n'), 2000)
    super(`${host}: ${abbreviate(command)}: ${why}${last === '' ? '' : `\n${last}`}`)
    this.name = 'CommandError'
    this.host = host
    this.command = command
    this.#output = output
  }
  /** Undefined if the command did not run to its end. */
  get output(): CommandOutput | undefined {
    return this.#output
  }
  get exitCode(): number | undefined {
    return this.#output?.exitCode
  }
  [inspect.custom](): string {
    return this.message
  }
}

/** Abbreviates a command to one line, and a long one to its beginning. */
export const abbreviate = (command: string): string => {
  const parts = command.split('\n').map(part => part.trim())
  const line = parts.filter(part => part !== '').join('; ')
  return line.length > 200 ? `${line.slice(0, 197)}...` : line
}
