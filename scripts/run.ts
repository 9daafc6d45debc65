#!/usr/bin/env -S npx zx
/**
 * Runs one command or one operation on many hosts: `npx zx scripts/run.ts PATTERN -- uptime`,
 * `npx zx scripts/run.ts PATTERN --op file --path /etc/motd --content hi`.
 */
import { join } from 'node:path'
import { buildCommand, splitAtDashes } from '../lib/adhoc/command.ts'
import { formatResults } from '../lib/adhoc/format-results.ts'
import { openSessions } from '../lib/adhoc/open-sessions.ts'
import {
  buildOperationFlags,
  buildOperations,
  findReference,
} from '../lib/adhoc/operation-flags.ts'
import { reportWaiting } from '../lib/adhoc/progress.ts'
import type { CommandResult } from '../lib/adhoc/run-on-host.ts'
import { chooseExitCode, runOnHosts } from '../lib/adhoc/run-on-hosts.ts'
import { readArguments } from '../lib/cli/argv.ts'
import { parseCommandLine } from '../lib/cli/command-line.ts'
import { loadEnvironment } from '../lib/cli/dotenv.ts'
import { FLAGS } from '../lib/cli/flags.ts'
import { formatScriptHelp } from '../lib/cli/script.ts'
import { InputError } from '../lib/errors/input-error.ts'
import { toScriptError } from '../lib/errors/script-error.ts'
import { requireLab } from '../lib/inventory/lab-state.ts'
import { loadProject } from '../lib/inventory/load-project.ts'
import { selectHosts } from '../lib/inventory/pattern.ts'
import { findProject } from '../lib/inventory/project.ts'
import { playbook, readSudoPassword } from '../lib/playbook.ts'
import { guardConsole } from '../lib/report/guard-console.ts'
import { print, printStyled, say } from '../lib/report/print.ts'
import { createPaint, wantsColor } from '../lib/report/style.ts'
import { readForks } from '../lib/run/from-flags.ts'

/** A week, as for operations. A timer of Node's with more than 24 days ends immediately. */
const MOST_SECONDS = 604_800

const seconds = {
  seconds: {
    type: 'string',
    value: 'NUMBER',
    help: 'time limit for the command on each host (default 300, at most 604800: a week)',
  },
} as const

const help = formatScriptHelp({
  usage: [
    'scripts/run.ts PATTERN [flags] -- COMMAND [ARGUMENT …]',
    'scripts/run.ts PATTERN [flags] --op NAME [its options] [--check] [--diff]',
  ],
  about: [
    'Runs one command or one operation on every host of a pattern.',
    '',
    "A command runs as root. One argument is a line for the shell ('df -h / | tail -n 1');",
    'several are a program and its arguments. Equal answers of several hosts are printed once.',
    'A command has no check mode and takes no lease.',
    'With --op, one operation of docs/operations.md is played, with all flags of a playbook.',
    '`--op NAME --help` shows its options.',
  ].join('\n'),
  flags: {
    limit: FLAGS.limit,
    forks: FLAGS.forks,
    ...seconds,
    json: { type: 'boolean', help: 'print one JSON object per host, as they answer' },
    lab: { type: 'boolean', help: 'run on the lab' },
    inventory: FLAGS.inventory,
    'extra-vars': FLAGS['extra-vars'],
    'ask-become-pass': FLAGS['ask-become-pass'],
  },
  notes: [
    'Exit codes: 0 succeeded everywhere, 1 bad input, 2 failed on a host, 4 a host was',
    'unreachable, 130 interrupted.',
  ],
})

guardConsole()
const args = readArguments(import.meta)

/** Flags of a playbook that a command does not support, and why. */
const unsupported: Readonly<Record<string, string>> = {
  check: 'a command has no check mode',
  diff: 'the changes of a command are unknown',
  'exit-code': 'it requires --check',
  tags: 'a command has no tags',
  'skip-tags': 'a command has no tags',
  'start-at': 'there is only one command',
  'list-tasks': 'there is only one command',
  serial: 'a command runs on all hosts, --forks at a time',
  'max-fail': 'a command runs on all hosts',
  step: 'there is only one command',
  'plan-out': 'a command has no check mode',
  plan: 'a command has no check mode',
  'allow-disruption': 'it applies to operations only',
}

/** Runs the command on all hosts; returns the exit code. */
const runCommand = async (before: readonly string[], words: readonly string[]): Promise<number> => {
  const { flags, words: patterns } = parseCommandLine(before, seconds, true)
  if (flags.help) return print(help) ?? 0
  const refused = Object.entries(unsupported).find(
    ([name]) => (flags as Record<string, unknown>)[name] !== undefined,
  )
  if (refused)
    throw new InputError({
      place: `--${refused[0]}`,
      message: `not supported with a command: ${refused[1]}`,
      next: 'Use it with --op, or in a playbook.',
    })
  const limit = parseSeconds(flags.seconds)
  const forks = readForks(flags)
  const fragment = buildCommand(words)
  const project = findProject(process.cwd(), flags.inventory)
  loadEnvironment(project.root)
  const lab = flags.lab ? await requireLab() : null
  const inventory = await loadProject(project, { lab, extra: flags['extra-vars'] })
  const hosts = selectHosts(inventory, readPattern(patterns), flags.limit)
  if (flags['list-hosts']) return print(hosts.map(({ name }) => name).join('\n')) ?? 0
  const open = openSessions(lab !== null, await readSudoPassword(flags), flags.inventory)
  const sessions = hosts.map(open)
  const wait = reportWaiting(
    hosts.map(({ name }) => name),
    say,
  )
  const heard = (one: CommandResult): void => {
    wait.heard(one.host)
    if (flags.json) print(JSON.stringify(one))
  }
  const isTTY = process.stdout.isTTY === true
  const all = await runOnHosts(sessions, {
    fragment,
    seconds: limit,
    forks,
    heard,
  })
  wait.end()
  await Promise.all(sessions.map(session => session.end()))
  if (!flags.json)
    printStyled(formatResults(all, createPaint(wantsColor(isTTY, process.env))).join('\n'))
  return chooseExitCode(all)
}

const readPattern = (words: readonly string[]): string => {
  const [pattern, more] = words
  if (pattern === undefined)
    throw new InputError({
      place: 'PATTERN',
      message: 'is required',
      next: 'Example: npx zx scripts/run.ts all -- uptime',
    })
  if (more !== undefined)
    throw new InputError({
      place: more,
      message: 'unexpected argument after the pattern',
      next: 'Join patterns with colons, a:b. Put a command after --.',
    })
  return pattern
}

const parseSeconds = (given = '300'): number => {
  if (!/^[1-9]\d*$/.test(given) || Number(given) > MOST_SECONDS)
    throw new InputError({
      place: `--seconds ${given}`,
      message: `must be a whole number of seconds, 1 to ${MOST_SECONDS}`,
    })
  return Number(given)
}

const findOperation = (words: readonly string[]): string | undefined => {
  const at = words.findIndex(word => word === '--op' || word.startsWith('--op='))
  return at < 0 ? undefined : words[at]?.slice('--op='.length) || words[at + 1] || ''
}

/** Plays one operation. Its run reports and ends as that of a playbook does. */
const playOperation = async (name: string): Promise<void> => {
  const { readOperations } = await import('./docs/read.ts')
  const tool = join(import.meta.dirname, '..')
  const reference = findReference(name, readOperations(tool).references)
  const flags = {
    op: { type: 'string', help: 'the operation' },
    ...buildOperationFlags(reference),
  } as const
  const run = await playbook(import.meta, {
    about: reference.doc,
    words: 'PATTERN',
    flags,
    from: process.cwd(),
  })
  try {
    const ops = await buildOperations(
      reference,
      run.flags,
      module => import(`../lib/operations/${module}.ts`),
      name => run.givenSecret(name),
    )
    await run.play(run.hosts(readPattern(run.words)), () => ops, name)
  } catch (error) {
    throw toScriptError(error) // the run ends by itself
  }
}

try {
  const { before, command } = splitAtDashes(args)
  const op = findOperation(before)
  if (op !== undefined && command)
    throw new InputError({
      place: '--op',
      message: 'cannot be combined with a command after --',
    })
  if (op !== undefined) await playOperation(op)
  else if (command === null && args.some(word => word === '-h' || word === '--help')) print(help)
  else if (command === null)
    throw new InputError({
      message: 'a command or an operation is required',
      next: 'see --help',
    })
  else process.exitCode = await runCommand(before, command)
} catch (error) {
  if (!(error instanceof InputError)) throw error
  say(error.message)
  process.exitCode = 1
}
