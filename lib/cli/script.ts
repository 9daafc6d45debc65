import { InputError } from '../errors/input-error.ts'
import { guardConsole } from '../report/guard-console.ts'
import { print, say } from '../report/print.ts'
import { readArguments } from './argv.ts'
import { type CommandLine, parseStrictly } from './command-line.ts'
import { FLAGS, type Flag, type FlagValues } from './flags.ts'
import { formatFlags, formatRow } from './help.ts'

/** What a script takes, and its --help. */
export type ScriptDefinition<Known extends Record<string, Flag>> = {
  /** The ways to call it, without `npx zx`: `scripts/why.ts HOST.VARIABLE …`. */
  readonly usage: readonly string[]
  /** What it does: a sentence or two. */
  readonly about: string
  /** Its commands with their arguments, each with what it does. Default: none. */
  readonly commands?: Readonly<Record<string, string>>
  /** Its flags. --help is added. */
  readonly flags: Known
  /** Below the flags: exit codes, examples. Default: nothing. */
  readonly notes?: readonly string[]
  /** Without arguments it shows its --help. Default: false. */
  readonly needsWords?: boolean
}

/**
 * Runs a script: parses its arguments, shows --help if it is asked for, and sets the exit code.
 * `main` may return an exit code. Bad input is shown as its message, with exit code 1.
 */
export const runScript = async <const Known extends Record<string, Flag>>(
  meta: { readonly url: string },
  script: ScriptDefinition<Known>,
  main: (given: CommandLine<FlagValues<Known>>) => unknown,
): Promise<void> => {
  guardConsole()
  try {
    const given = parseStrictly(readArguments(meta), { ...script.flags, help: FLAGS.help }, true)
    const { help } = given.flags as { readonly help?: boolean }
    if (help || (script.needsWords && given.words.length === 0))
      return print(formatScriptHelp(script))
    const code = await main(given as CommandLine<FlagValues<Known>>)
    if (typeof code === 'number') process.exitCode = code
  } catch (error) {
    if (!isExpected(error)) throw error
    say(error.message)
    process.exitCode = 1
  }
}

/** Bad input, and what the system says of a file: their messages need no stack. */
const isExpected = (error: unknown): error is Error =>
  error instanceof InputError || (error instanceof Error && 'code' in error)

/** The --help of a script. */
export const formatScriptHelp = ({
  usage,
  about,
  commands = {},
  flags,
  notes = [],
}: ScriptDefinition<Record<string, Flag>>): string => {
  const rows = Object.entries(commands).flatMap(([name, help]) => formatRow(name, help))
  return [
    ...usage.map(line => `npx zx ${line}`),
    '',
    about,
    ...(rows.length > 0 ? ['', ...rows] : []),
    '',
    ...formatFlags({ ...flags, help: FLAGS.help }),
    ...(notes.length > 0 ? ['', ...notes] : []),
  ].join('\n')
}
