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
    Object.entries<Flag>(known).map(([name, flag]) => [name, pickOption(flag)]),
  )
  const { values, positionals, tokens } = parseOrExplain(args, options, takesWords)
  checkValues(tokens, known)
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

type Option = Pick<Flag, 'type' | 'short' | 'multiple' | 'default'>

/** What `parseArgs` takes of a flag. */
const pickOption = ({ type, short, multiple, default: initial }: Flag): Option => ({
  type,
  ...(short === undefined ? {} : { short }),
  ...(multiple === undefined ? {} : { multiple }),
  ...(initial === undefined ? {} : { default: initial }),
})

type Token = { readonly kind: string; readonly name?: string; readonly value?: string | undefined }
type Parsed = {
  readonly values: Record<string, unknown>
  readonly positionals: readonly string[]
  readonly tokens: readonly Token[]
}

/**
 * Refuses a flag with an empty value (a variable of the shell that is not set would select
 * everything), and one that is given twice, of which one value would be dropped.
 */
const checkValues = (tokens: readonly Token[], known: Readonly<Record<string, Flag>>): void => {
  const seen = new Set<string>()
  for (const { kind, name = '', value } of tokens) {
    const flag = known[name]
    if (kind !== 'option' || !flag || flag.type === 'boolean') continue
    const place = `--${name}`
    if (value?.trim() === '' && !flag.canBeEmpty)
      throw new InputError({
        place,
        message: 'its value is empty',
        next: 'Is a variable of the shell not set? Leave the flag out, or give it a value.',
      })
    if (seen.has(name) && !flag.multiple)
      throw new InputError({ place, message: 'is given twice', next: 'Give it once.' })
    seen.add(name)
  }
}

const parseOrExplain = (
  args: readonly string[],
  options: Record<string, Option>,
  allowPositionals: boolean,
): Parsed => {
  try {
    return parseArgs({ args: [...args], options, strict: true, allowPositionals, tokens: true })
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

/** Splits the values of a flag at their commas. One that names nothing is an InputError. */
export const splitNames = (flag: string, given: readonly string[] | undefined): string[] => {
  const empty = given?.find(text => splitWords([text]).length === 0)
  if (empty === undefined) return splitWords(given)
  throw new InputError({ place: `${flag} ${JSON.stringify(empty)}`, message: 'names nothing' })
}
