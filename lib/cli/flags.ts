import { parseArgs } from 'node:util'
import { InputError } from '../errors/input-error.ts'
import { suggest } from '../errors/suggest.ts'
import { findReplacement } from './ansible-flags.ts'

/** A flag that a playbook adds of its own. */
export type Flag = {
  readonly type: 'string' | 'boolean'
  readonly short?: string
  readonly multiple?: true
  /** It must be given. */
  readonly required?: true
  readonly help: string
}

/** The flags that every playbook has. Names and meaning are Ansible's where Ansible has them. */
export const FLAGS = {
  inventory: {
    type: 'string',
    short: 'i',
    help: 'inventory file (default: hosts.yaml of the project)',
  },
  lab: { type: 'boolean', help: 'play on the lab instead of the real servers' },
  limit: {
    type: 'string',
    short: 'l',
    help: 'only these hosts: all, host, cluster, a:b, a:&b, a:!b, globs, ~regex, @retry-file',
  },
  check: {
    type: 'boolean',
    short: 'C',
    help: 'change nothing; say what would change, and what cannot be told yet',
  },
  diff: { type: 'boolean', short: 'D', help: 'show what changes, before and after' },
  tags: {
    type: 'string',
    short: 't',
    multiple: true,
    help: 'only roles and operations with one of these tags (a,b)',
  },
  'skip-tags': {
    type: 'string',
    multiple: true,
    help: 'all but roles and operations with one of these tags',
  },
  'extra-vars': {
    type: 'string',
    short: 'e',
    multiple: true,
    help: 'variables over all others: key=value, JSON, or @file.yaml',
  },
  forks: { type: 'string', short: 'f', help: 'hosts worked on at a time (default 50)' },
  serial: {
    type: 'string',
    help: 'hosts in batches, one after another: 2, 30%, or 1,30% (the last holds on)',
  },
  'max-fail': {
    type: 'string',
    help: 'begin no further host once more have failed: 1, 20% (default: a whole batch of --serial)',
  },
  step: { type: 'boolean', help: 'ask before each change; with -y one by one unasked' },
  'start-at': {
    type: 'string',
    help: 'skip the operations before this one, such as "file /etc/motd"',
  },
  'plan-out': { type: 'string', help: 'with --check: write the plan to this file, for --plan' },
  plan: {
    type: 'string',
    help: 'make the changes of this saved plan, and no other; refused where something has moved since',
  },
  'list-hosts': { type: 'boolean', help: 'list the hosts and stop; nothing is connected' },
  'list-tasks': {
    type: 'boolean',
    help: 'list the operations of each host and stop; nothing is connected',
  },
  'allow-disruption': {
    type: 'boolean',
    help: 'also make changes that disturb what runs (a restart of Docker)',
  },
  'ask-become-pass': {
    type: 'boolean',
    short: 'K',
    help: 'ask for the sudo password, once for all hosts',
  },
  'exit-code': { type: 'boolean', help: 'with --check: exit 3 where something would change' },
  yes: { type: 'boolean', short: 'y', help: 'answer yes to every question' },
  verbose: { type: 'boolean', short: 'v', help: 'show unchanged operations too' },
  json: { type: 'boolean', help: 'one JSON event a line on stdout, nothing else' },
  help: { type: 'boolean', short: 'h', help: 'show this' },
} as const satisfies Record<string, Flag>

type Value<F extends Flag> = F['type'] extends 'boolean'
  ? boolean
  : F extends { multiple: true }
    ? readonly string[]
    : string
type RequiredNames<F extends Record<string, Flag>> = {
  [K in keyof F]: F[K] extends { required: true } ? K : never
}[keyof F]
type Given<F extends Record<string, Flag>> = {
  readonly [K in Exclude<keyof F, RequiredNames<F>>]?: Value<F[K]>
} & {
  readonly [K in RequiredNames<F>]: Value<F[K]>
}
export type Flags<Own extends Record<string, Flag>> = Given<typeof FLAGS> & Given<Own>
export type CommonFlags = Given<typeof FLAGS>

/**
 * The flags on a command line, strictly read: an unknown flag, a missing value or a stray word is
 * an InputError that names the nearest right one.
 * `args` are those after the script's name.
 */
export const parseFlags = <Own extends Record<string, Flag>>(
  args: readonly string[],
  own: Own,
): Flags<Own> => parseCommandLine(args, own, false).flags

/**
 * As parseFlags; with `words`, what belongs to no flag, and all behind `--`, is given too instead
 * of refused.
 */
export const parseCommandLine = <Own extends Record<string, Flag>>(
  args: readonly string[],
  own: Own,
  words: boolean,
): { readonly flags: Flags<Own>; readonly words: readonly string[] } => {
  const options = Object.fromEntries(
    Object.entries<Flag>({ ...FLAGS, ...own }).map(
      ([name, { help: _, required: __, ...option }]) => [name, option],
    ),
  )
  const { values, positionals } = parseStrictly(args, options, words)
  const lacking = Object.entries(own as Record<string, Flag>).find(
    ([name, { required }]) => required && values[name] === undefined,
  )
  if (lacking && !values['help'])
    throw new InputError({
      place: `--${lacking[0]}`,
      message: 'must be given',
      next: lacking[1].help,
    })
  return { flags: values as Flags<Own>, words: positionals }
}

type Parsed = { readonly values: Record<string, unknown>; readonly positionals: readonly string[] }

const parseStrictly = (
  args: readonly string[],
  options: Record<string, Omit<Flag, 'help'>>,
  words: boolean,
): Parsed => {
  try {
    return parseArgs({ args: [...args], options, strict: true, allowPositionals: words })
  } catch (cause) {
    throw new InputError(
      explainUsageError(cause as NodeJS.ErrnoException, args, Object.keys(options)),
      {
        cause,
      },
    )
  }
}

const explainUsageError = (
  { code, message }: NodeJS.ErrnoException,
  args: readonly string[],
  names: readonly string[],
) => {
  const unknown = /Unknown option '(-[^']+)'/.exec(message)?.[1]
  if (unknown) {
    const near = suggest(unknown.replace(/^-+/, ''), names)
    return {
      place: unknown,
      message: 'no such flag',
      next: findReplacement(unknown) ?? (near ? `did you mean --${near}?` : 'see --help'),
    }
  }
  const stray = /Unexpected argument '([^']*)'/.exec(message)?.[1]
  if (stray !== undefined)
    return { place: stray, message: 'a word that belongs to no flag', next: 'see --help' }
  return {
    place: code === 'ERR_PARSE_ARGS_INVALID_OPTION_VALUE' ? 'flags' : args.join(' '),
    message: message.split('. ')[0] ?? message,
    next: 'see --help',
  }
}

/** Comma-separated words of a repeatable flag. */
export const splitWords = (given: readonly string[] | undefined): string[] =>
  (given ?? [])
    .flatMap(text => text.split(','))
    .map(text => text.trim())
    .filter(text => text !== '')

/** The text of --help. */
export const formatHelp = (
  script: string,
  about: string,
  own: Record<string, Flag>,
  words = '',
): string => {
  const row = ([name, { short, type, help: text }]: [string, Flag]): string =>
    `  ${(short ? `-${short}, ` : '    ') + `--${name}${type === 'string' ? ' …' : ''}`}`.padEnd(
      28,
    ) + text
  const mine = Object.entries(own)
  return [
    `npx zx ${script} [flags]${words === '' ? '' : ` ${words}`}`,
    ...(about ? ['', about] : []),
    ...(mine.length > 0 ? ['', ...mine.map(row)] : []),
    '',
    ...Object.entries(FLAGS as Record<string, Flag>).map(row),
    '',
  ].join('\n')
}
