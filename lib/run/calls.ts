import type { Flag } from '../cli/flags.ts'
import { checkCalled } from '../operation/options.ts'
import type { Completed, Definition, Derived, Operation } from '../operation.ts'
import type { Path } from '../operations/file/entry.ts'
import type { TypedQuestion } from '../report/ask.ts'
import type { FactOptions, Facts } from './facts/fact.ts'
import type { Synchronise } from './files/synchronise.ts'
import type { PlaybookOptions, PlayOptions } from './options.ts'
import type { CommandOptions } from './remote/command.ts'
import type { WaitOptions } from './wait-until.ts'

/** A path on a host, whatever the host is: it comes from the inventory. */
type Place = { readonly host: unknown; readonly path: Path }

/**
 * The calls that take options, with the types of these: scripts/docs.ts describes them in
 * lib/operations/options.json, by which they are checked when a playbook runs.
 */
export type Calls = {
  readonly 'playbook()': PlaybookOptions<Readonly<Record<string, Flag>>>
  readonly 'operation()':
    | Definition<object, unknown>
    | Completed<object, object, unknown>
    | Derived<object, Operation | readonly Operation[]>
  readonly 'run.play': PlayOptions | (PlayOptions & FactOptions<Facts>)
  readonly 'run.until': WaitOptions
  readonly 'run.confirmTyped': TypedQuestion
  readonly 'run.undo': UndoOptions
  readonly 'run.files.read': Place
  readonly 'run.files.fetch': Place & { readonly to: string }
  readonly 'run.files.synchronise': Synchronise
  readonly 'run.files.synchronise from': Place
  readonly 'run.files.synchronise to': Place
  readonly $: CommandOptions
}

type UndoOptions = {
  /**
   * Deadline.
   * @range 0 or more, with fractions
   */
  readonly seconds: number
}

/** Throws an OptionError for options of a call that are misspelt, missing or not possible. */
export const checkCall = (call: keyof Calls, options: unknown, place: string = call): void =>
  checkCalled(call, options, place)
