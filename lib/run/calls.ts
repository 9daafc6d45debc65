import type { Flag } from '../cli/flags.ts'
import { runWithScriptErrors } from '../errors/script-error.ts'
import { checkCalled } from '../operation/options.ts'
import type { Completed, Definition, Derived, Operation } from '../operation.ts'
import type { Path } from '../operations/file/entry.ts'
import type { TypedQuestion } from '../report/ask.ts'
import type { Declaration, Shape } from '../settings.ts'
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
  readonly 'declareSettings()': DeclaredSettings
  readonly 'run.hosts': { readonly pattern: string }
  readonly 'run.cluster': { readonly name: string }
  readonly 'run.note': { readonly text: string; readonly host?: unknown }
  readonly 'run.requireHosts': { readonly why: string }
  readonly 'run.confirm': { readonly text: string }
  readonly 'run.secret': SecretName
  readonly 'run.givenSecret': SecretName
  readonly 'run.find': SecretName
  readonly 'run.play()': { readonly name?: string }
  readonly 'run.play': PlayOptions | (PlayOptions & FactOptions<Facts>)
  readonly 'run.until': WaitOptions
  readonly 'run.until()': { readonly what: string }
  readonly 'run.confirmTyped': TypedQuestion
  readonly 'run.undo': UndoOptions
  readonly 'run.files.read': Place
  readonly 'run.files.fetch': Place & { readonly to: string }
  readonly 'run.files.synchronise': Synchronise
  readonly 'run.files.synchronise from': Place
  readonly 'run.files.synchronise to': Place
  readonly $: CommandOptions
}

type SecretName = { readonly name: string }

/** The settings of a role; which types they have is checked besides. */
type DeclaredSettings = {
  readonly [key in keyof Declaration]: key extends 'role'
    ? string
    : Declaration[key] extends Shape | undefined
      ? Readonly<Record<string, unknown>>
      : Declaration[key]
}

type UndoOptions = {
  /** What is undone. */
  readonly what: string
  /**
   * Deadline.
   * @range 0 or more, with fractions
   */
  readonly seconds: number
}

/** Throws an OptionError for options of a call that are misspelt, missing or not possible. */
export const checkCall = (call: keyof Calls, options: unknown, place: string = call): void =>
  checkCalled(call, options, place)

/** As `checkCall`, of a call of the script: the run ends with the message, without a stack. */
export const checkInScript = (call: keyof Calls, options: unknown, place?: string): void =>
  runWithScriptErrors(() => checkCall(call, options, place))
