import type { Payload } from '../../operation.ts'
import { type Sh, sh, type Word } from '../../sh.ts'
import { type Duration, parseDuration } from './duration.ts'
import type { CommandOutput } from './output.ts'

export type CommandOptions = {
  /** What the command reads; a Secret is revealed only while it is sent. Default nothing. */
  readonly stdin?: Payload
  /** Deadline, such as '90s' or '5m': then it is ended with all its children. Default '60s'. */
  readonly timeout?: Duration
  /** An exit code that is not 0 is a result and no error. Default false. */
  readonly nothrow?: boolean
  /** It is not shown, but in the record of the run. Default false. */
  readonly quiet?: boolean
  /** It changes nothing, so that check mode runs it too. Default false. */
  readonly reads?: boolean
}

/** The options with every default in its place. */
export type CommandSettings = Required<Omit<CommandOptions, 'stdin' | 'timeout'>> & {
  readonly stdin?: Payload
  readonly seconds: number
}

/** Runs a fragment of shell. Rejects with CommandError, Unreachable or Stopped. */
export type CommandRunner = (fragment: Sh, settings: CommandSettings) => Promise<CommandOutput>
/** Throws for options that are misspelt or not possible. */
type OptionsCheck = (options: CommandOptions) => void

/** A command that begins in this tick's end, as in zx: what is chained to it before holds. */
export class RemoteCommand implements PromiseLike<CommandOutput> {
  #options: CommandOptions
  readonly #done: Promise<CommandOutput>
  constructor(fragment: Sh, options: CommandOptions, run: CommandRunner, check: OptionsCheck) {
    this.#options = options
    this.#done = Promise.resolve().then(() => {
      check(this.#options) // what was chained to it, such as a timeout
      return run(fragment, resolveOptions(this.#options))
    })
  }

  nothrow(): this {
    return this.#with({ nothrow: true })
  }
  quiet(): this {
    return this.#with({ quiet: true })
  }
  timeout(timeout: Duration): this {
    return this.#with({ timeout })
  }

  async text(): Promise<string> {
    return (await this.#done).text()
  }
  async lines(): Promise<string[]> {
    return (await this.#done).lines()
  }
  async json<T = unknown>(): Promise<T> {
    return (await this.#done).json<T>()
  }
  /** Its exit code, whatever it is. */
  get exitCode(): Promise<number> {
    return this.nothrow().#done.then(({ exitCode }) => exitCode)
  }

  // biome-ignore lint/suspicious/noThenProperty: it is awaited as zx's own
  then<A = CommandOutput, B = never>(
    kept?: ((output: CommandOutput) => A | PromiseLike<A>) | null,
    broken?: ((error: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return this.#done.then(kept, broken)
  }
  catch<B>(broken: (error: unknown) => B | PromiseLike<B>): Promise<CommandOutput | B> {
    return this.#done.catch(broken)
  }
  finally(last: () => void): Promise<CommandOutput> {
    return this.#done.finally(last)
  }

  #with(more: CommandOptions): this {
    this.#options = { ...this.#options, ...more }
    return this
  }
}

/** The tag of a host's shell: a command in backquotes, or options for such. */
export interface Dollar {
  (parts: TemplateStringsArray, ...values: readonly Word[]): RemoteCommand
  (options: CommandOptions): Dollar
}

/** A tag whose commands are run so. */
export const createDollar = (
  run: CommandRunner,
  check: OptionsCheck,
  options: CommandOptions = {},
): Dollar =>
  ((first: TemplateStringsArray | CommandOptions, ...values: readonly Word[]) => {
    if (Array.isArray(first))
      return new RemoteCommand(
        sh(first as unknown as TemplateStringsArray, ...values),
        options,
        run,
        check,
      )
    check(first as CommandOptions)
    return createDollar(run, check, { ...options, ...(first as CommandOptions) })
  }) as Dollar

const resolveOptions = ({
  stdin,
  timeout = '60s',
  nothrow = false,
  quiet = false,
  reads = false,
}: CommandOptions): CommandSettings => ({
  ...(stdin === undefined ? {} : { stdin }),
  seconds: parseDuration(timeout),
  nothrow,
  quiet,
  reads,
})
