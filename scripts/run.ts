#!/usr/bin/env -S npx zx
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
/**
 * One command, or one operation, on many hosts: `npx zx scripts/run.ts PATTERN -- uptime`, `npx zx
 * scripts/run.ts PATTERN --op file --path /etc/motd --content hi`.
 */
import type { CommandResult } from '../lib/adhoc/run-on-host.ts'
import { chooseExitCode, runOnHosts } from '../lib/adhoc/run-on-hosts.ts'
import { readArguments } from '../lib/cli/argv.ts'
import { loadEnvironment } from '../lib/cli/dotenv.ts'
import { parseCommandLine } from '../lib/cli/flags.ts'
import { InputError } from '../lib/errors/input-error.ts'
import { toScriptError } from '../lib/errors/script-error.ts'
import { requireLab } from '../lib/inventory/lab-state.ts'
import { loadProject } from '../lib/inventory/load-project.ts'
import { selectHosts } from '../lib/inventory/pattern.ts'
import { findProject } from '../lib/inventory/project.ts'
import { playbook, readSudoPassword } from '../lib/playbook.ts'
import { print, say } from '../lib/report/run-report.ts'
import { createPaint, wantsColor } from '../lib/report/style.ts'
import { readForks } from '../lib/run/from-flags.ts'

const help = `npx zx scripts/run.ts PATTERN [flags] -- COMMAND [ARGUMENT …]
npx zx scripts/run.ts PATTERN [flags] --op NAME [its options] [--check] [--diff]

The first runs a command as root on every host of the pattern, many at a time: one word is a line for the shell ('df -h / | tail -n 1'), several are a
program and its arguments. What several hosts answer is shown once. It changes what it changes: there is no check mode for it, and it takes no lease.
The second plays one operation of docs/operations.md, with all flags of a playbook. \`--op NAME --help\` shows its options.

  -l, --limit …        only these hosts
  -f, --forks …        hosts at a time (default 50)
      --seconds …      that the command may take on a host (default 300)
      --json           one JSON object a host and line, as they answer
      --lab, -i, -e, -K, -h as everywhere
Exit codes: 0 it succeeded everywhere, 1 bad input, 2 it failed on a host, 4 a host was unreachable, 130 interrupted.`

const args = readArguments(import.meta)
const seconds = {
  seconds: { type: 'string', help: 'that the command may take on a host' },
} as const

/** Flags that say nothing to a command, and why. */
const refused: Readonly<Record<string, string>> = {
  check: 'what a command would change cannot be foretold',
  diff: 'what a command changes is not known',
  'exit-code': 'it goes with --check',
  tags: 'a command has none',
  'skip-tags': 'a command has none',
  'start-at': 'there is one',
  'list-tasks': 'there is one',
  serial: 'a command is run on all hosts, --forks at a time',
  'max-fail': 'a command is run on all hosts',
  step: 'there is one, and it is run',
  'plan-out': 'what a command would change cannot be foretold',
  plan: 'what a command would change cannot be foretold',
  'allow-disruption': 'a command is not asked about it',
}

/** Runs the command everywhere; the exit code. */
const runCommand = async (before: readonly string[], words: readonly string[]): Promise<number> => {
  const { flags, words: patterns } = parseCommandLine(before, seconds, true)
  const not = Object.entries(refused).find(
    ([name]) => (flags as Record<string, unknown>)[name] !== undefined,
  )
  if (not)
    throw new InputError({
      place: `--${not[0]}`,
      message: `refused: ${not[1]}`,
      next: 'it is for --op and for playbooks',
    })
  const fragment = buildCommand(words)
  const project = findProject(process.cwd(), flags.inventory)
  loadEnvironment(project.root)
  const lab = flags.lab ? await requireLab() : null
  const hosts = selectHosts(
    await loadProject(project, { lab, extra: flags['extra-vars'] }),
    patternOf(patterns),
    flags.limit,
  )
  if (flags['list-hosts']) return print(hosts.map(({ name }) => name).join('\n')) ?? 0
  const open = openSessions(lab !== null, await readSudoPassword(flags))
  const sessions = hosts.map(open)
  const wait = reportWaiting(
    hosts.map(({ name }) => name),
    say,
  )
  const heard = (one: CommandResult): void => {
    wait.heard(one.host)
    if (flags.json) print(JSON.stringify(one))
  }
  const all = await runOnHosts(sessions, {
    fragment,
    seconds: secondsOf(flags.seconds),
    forks: readForks(flags),
    heard,
  })
  wait.end()
  await Promise.all(sessions.map(session => session.end()))
  if (!flags.json)
    print(
      formatResults(all, createPaint(wantsColor(process.stdout.isTTY === true, process.env))).join(
        '\n',
      ),
    )
  return chooseExitCode(all)
}

const patternOf = (words: readonly string[]): string => {
  const [pattern, more] = words
  if (pattern === undefined)
    throw new InputError({
      place: 'PATTERN',
      message: 'no hosts are named',
      next: 'such as: npx zx scripts/run.ts all -- uptime',
    })
  if (more !== undefined)
    throw new InputError({
      place: more,
      message: 'one pattern is expected',
      next: 'several are one with colons, a:b; a command stands behind --',
    })
  return pattern
}

const secondsOf = (given = '300'): number => {
  if (!/^[1-9]\d*$/.test(given))
    throw new InputError({
      place: `--seconds ${given}`,
      message: 'is no number of seconds, 1 or more',
    })
  return Number(given)
}

const opOf = (words: readonly string[]): string | undefined => {
  const at = words.findIndex(word => word === '--op' || word.startsWith('--op='))
  return at < 0 ? undefined : words[at]?.slice('--op='.length) || words[at + 1] || ''
}

/** Plays one operation: the run ends by itself, as that of a playbook. */
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
      name => run.secret(name),
    )
    await run.play(run.hosts(patternOf(run.words)), () => ops, name)
  } catch (error) {
    throw toScriptError(error) // the run that was begun has its own end
  }
}

try {
  const { before, command } = splitAtDashes(args)
  const op = opOf(before)
  if (op !== undefined && command)
    throw new InputError({ place: '--op', message: 'either an operation or a command' })
  if (op !== undefined) await playOperation(op)
  else if (command === null && args.some(word => word === '-h' || word === '--help')) print(help)
  else if (command === null)
    throw new InputError({
      message: 'neither a command nor an operation is given',
      next: 'see --help',
    })
  else process.exitCode = await runCommand(before, command)
} catch (error) {
  if (!(error instanceof InputError)) throw error
  say(error.message)
  process.exitCode = 1
}
