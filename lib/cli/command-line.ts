import { parseArgs } from 'node:util'
import { InputError, type Problem } from '../errors/input-error.ts'
import { suggest } from '../errors/suggest.ts'
import { findReplacement } from './ansible-flags.ts'
import { FLAGS, type Flag, type Flags, type FlagValues } from './flags.ts'

/** A parsed command line: its flags, and the words between them. */
export type CommandLine<Values> = { readonly flags: Values; readonly words: readonly string[] }

/**
 * Parses a playbook's command line strictly. `args` are the arguments after the script's name. An
 * unknown flag, a missing value or an unexpected argument is an InputError that suggests the
 * nearest name.
 */
export const parseFlags = <Own extends Record<string, Flag>>(
  args: readonly string[],
  own: Own,
): Flags<Own> => parseCommandLine(args, own, false).flags

/**
 * Parses a playbook's command line. With `takesWords`, arguments that are not flags, and everything
 * after `--`, are returned instead of refused.
 */
export const parseCommandLine = <Own extends Record<string, Flag>>(
  args: readonly string[],
  own: Own,
  takesWords: boolean,
): CommandLine<Flags<Own>> => {
  const { flags, words } = parseStrictly(args, { ...FLAGS, ...own }, takesWords)
  return { flags: flags as Flags<Own>, words }
}

/** Parses a command line with these flags only, which include `help`. */
export const parseStrictly = <Known extends Record<string, Flag>>(
  args: readonly string[],
  known: Known,
  takesWords: boolean,
): CommandLine<FlagValues<Known>> => {
  const options = Object.fromEntries(
    Object.entries<Flag>(known).map(([name, { help: _, value: __, required: ___, ...option }]) => [
      name,
      option,
    ]),
  )
  const { values, positionals } = parseOrExplain(args, options, takesWords)
  const missing = Object.entries<Flag>(known).find(
    ([name, { required }]) => required && values[name] === undefined,
  )
  if (missing && !values['help'])
    throw new InputError({
      place: `--${missing[0]}`,
      message: 'is required',
      next: missing[1].help,
    })
  return { flags: values as FlagValues<Known>, words: positionals }
}

type Parsed = { readonly values: Record<string, unknown>; readonly positionals: readonly string[] }

const parseOrExplain = (
  args: readonly string[],
  options: Record<string, Pick<Flag, 'type' | 'short' | 'multiple' | 'default'>>,
  allowPositionals: boolean,
): Parsed => {
  try {
    return parseArgs({ args: [...args], options, strict: true, allowPositionals })
  } catch (cause) {
    const names = Object.keys(options)
    throw new InputError(explainUsageError(cause as NodeJS.ErrnoException, args, names), { cause })
  }
}

const explainUsageError = (
  { code, message }: NodeJS.ErrnoException,
  args: readonly string[],
  names: readonly string[],
): Problem => {
  const unknown = /Unknown option '(-[^']+)'/.exec(message)?.[1]
  if (unknown) {
    const near = suggest(unknown.replace(/^-+/, ''), names)
    return {
      place: unknown,
      message: 'unknown flag',
      next: findReplacement(unknown) ?? (near ? `did you mean --${near}?` : 'see --help'),
    }
  }
  const unexpected = /Unexpected argument '([^']*)'/.exec(message)?.[1]
  if (unexpected !== undefined)
    return { place: unexpected, message: 'unexpected argument', next: 'see --help' }
  return {
    place: code === 'ERR_PARSE_ARGS_INVALID_OPTION_VALUE' ? 'flags' : args.join(' '),
    message: message.split('. ')[0] ?? message,
    next: 'see --help',
  }
}

/** Splits the values of a repeatable flag at their commas. */
export const splitWords = (given: readonly string[] | undefined): string[] =>
  (given ?? [])
    .flatMap(text => text.split(','))
    .map(text => text.trim())
    .filter(text => text !== '')
