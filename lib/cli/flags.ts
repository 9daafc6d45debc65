/** A flag that a playbook or a script adds. */
export type Flag = {
  readonly type: 'string' | 'boolean'
  readonly short?: string
  readonly multiple?: true
  /** The run fails without it. */
  readonly required?: true
  /** The value of a flag with one value if it is not given. Default: undefined. */
  readonly default?: string
  /** An empty value means something. Default: it is an error, such as that of `-l "$UNSET"`. */
  readonly canBeEmpty?: true
  /** What its value is called in --help, such as FILE. Default: `…`. */
  readonly value?: string
  readonly help: string
}

/** The flags that every playbook has. Names and meaning are Ansible's if Ansible has them. */
export const FLAGS = {
  inventory: {
    type: 'string',
    short: 'i',
    value: 'FILE',
    help: 'inventory file (default: hosts.yaml of the project)',
  },
  lab: { type: 'boolean', help: 'play on the lab instead of the real servers' },
  limit: {
    type: 'string',
    short: 'l',
    value: 'PATTERN',
    help: 'only these hosts: all, host, cluster, a:b, a:&b, a:!b, globs, ~regex, @retry-file',
  },
  check: {
    type: 'boolean',
    short: 'C',
    help: 'change nothing; show what would change, and what is unknown until then',
  },
  diff: { type: 'boolean', short: 'D', help: 'show each change, before and after' },
  tags: {
    type: 'string',
    short: 't',
    multiple: true,
    value: 'TAGS',
    help: 'only roles and operations with one of these tags (a,b)',
  },
  'skip-tags': {
    type: 'string',
    multiple: true,
    value: 'TAGS',
    help: 'skip roles and operations with one of these tags',
  },
  'extra-vars': {
    type: 'string',
    short: 'e',
    multiple: true,
    value: 'VARS',
    help: 'variables that override all others: key=value, JSON, or @file.yaml',
  },
  forks: {
    type: 'string',
    short: 'f',
    value: 'NUMBER',
    help: 'hosts that run at the same time (default 50)',
  },
  serial: {
    type: 'string',
    value: 'SIZES',
    help: 'hosts in batches, one after another: 2, 30%, or 1,30% (the last size repeats)',
  },
  'max-fail': {
    type: 'string',
    value: 'NUMBER',
    help:
      'stop starting hosts once more than this many have failed: 1, 20% (default: a whole batch ' +
      'of --serial)',
  },
  step: { type: 'boolean', help: 'ask before each change; with -y, one by one without asking' },
  'start-at': {
    type: 'string',
    value: 'NAME',
    help: 'skip the operations before this one, such as "file /etc/motd"',
  },
  'plan-out': {
    type: 'string',
    value: 'FILE',
    help: 'with --check: write the plan to this file, for --plan',
  },
  plan: {
    type: 'string',
    value: 'FILE',
    help: 'make only the changes of this saved plan; refuse those whose host has changed since',
  },
  'list-hosts': { type: 'boolean', help: 'list the hosts and stop, without connecting' },
  'list-tasks': {
    type: 'boolean',
    help: 'list the operations of each host and stop, without connecting',
  },
  'allow-disruption': {
    type: 'boolean',
    help: 'also make changes that interrupt running services (a restart of Docker)',
  },
  'ask-become-pass': {
    type: 'boolean',
    short: 'K',
    help: 'ask for the sudo password, once for all hosts',
  },
  'exit-code': { type: 'boolean', help: 'with --check: exit 3 if something would change' },
  confirm: {
    type: 'string',
    multiple: true,
    value: 'WORD',
    help: 'answer a question that asks for this word; -y does not',
  },
  yes: { type: 'boolean', short: 'y', help: 'answer yes to every question' },
  verbose: { type: 'boolean', short: 'v', help: 'show unchanged operations too' },
  json: { type: 'boolean', help: 'print one JSON event per line on stdout, and nothing else' },
  help: { type: 'boolean', short: 'h', help: 'show this help' },
} as const satisfies Record<string, Flag>

type FlagValue<F extends Flag> = F['type'] extends 'boolean'
  ? boolean
  : F extends { multiple: true }
    ? readonly string[]
    : string
type RequiredNames<F extends Record<string, Flag>> = {
  [K in keyof F]: F[K] extends { required: true } ? K : never
}[keyof F]
/** The values that a table of flags gives. */
export type FlagValues<F extends Record<string, Flag>> = {
  readonly [K in Exclude<keyof F, RequiredNames<F>>]?: FlagValue<F[K]>
} & {
  readonly [K in RequiredNames<F>]: FlagValue<F[K]>
}
/** The values of a playbook's flags: its own, and those that every playbook has. */
export type Flags<Own extends Record<string, Flag>> = FlagValues<typeof FLAGS> & FlagValues<Own>
export type CommonFlags = FlagValues<typeof FLAGS>
