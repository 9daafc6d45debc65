#!/usr/bin/env -S npx zx
/** The daily work on an environment: `npx zx playbooks/environment.ts --env stage status`. */
import { InputError } from '../lib/errors/input-error.ts'
import { formatSuggestion } from '../lib/errors/suggest.ts'
import type { Host } from '../lib/inventory/inventory.ts'
import { playbook } from '../lib/playbook.ts'
import { print } from '../lib/report/print.ts'
import { join, type Sh } from '../lib/sh.ts'
import { runOnTerminal } from '../lib/transport/ssh/terminal.ts'
import { findFirstManager } from './cluster.ts'
import * as daily from './deploy/daily.ts'
import { findEnvironment } from './deploy/environment.ts'
import { findService, makeStacks } from './deploy/services.ts'
import { describeLastProof } from './verify/last-proof.ts'
import { findState, hasBackups } from './verify/request.ts'

const usage = 'status | logs SERVICE | exec SERVICE -- COMMAND … | db-shell | restart SERVICE'
const run = await playbook(import.meta, {
  about:
    'The daily work on an environment: its services, their logs, a command or a database shell ' +
    'inside, a restart.',
  words: usage,
  flags: {
    env: { type: 'string', help: 'its name in hosts.yaml; required', required: true },
    tail: { type: 'string', help: 'logs: lines of the past (default 100)' },
    state: {
      type: 'string',
      value: 'FOLDER',
      help: 'status: where verify-backups keeps its ledger (default: ~/.local/state/brd/backups)',
    },
    follow: { type: 'boolean', help: 'logs: and those to come, until Ctrl-C' },
  },
})

const { flags, lab, words } = run
const [verb, service, ...command] = words
const entry = findEnvironment(run.inventory, flags.env)
const first = findFirstManager(entry.cluster)
const findNamedService = () => findService(entry, lab, service)
const tty = process.stdin.isTTY === true && process.stdout.isTTY === true

/** On this host, as root, with what is wrong with it said first. */
const runOn = (host: Host, fragment: Sh, tty = false): Promise<number> => {
  run.requireHosts([host], `${verb} runs there`)
  const ready = daily.requireDocker({
    host: host.name,
    cluster: entry.cluster.name,
    manager: host === first,
  })
  return runOnTerminal(host, join([ready, fragment]), { tty, sshConfig: !lab })
}

const verbs = {
  status: async () => {
    const stacks = (await makeStacks(entry, lab)).map(({ name }) => name)
    const code = await runOn(first, daily.showStatus(entry.name, stacks))
    const state = findState(flags.state, process.env)
    if (hasBackups(entry)) print(await describeLastProof(entry.name, state, new Date()))
    return code
  },
  logs: async () =>
    runOn(
      first,
      daily.showLogs(await findNamedService(), {
        tail: flags.tail ?? '100',
        follow: flags.follow === true,
      }),
      tty,
    ),
  exec: async () => {
    if (command.length === 0)
      throw new InputError({
        place: 'exec',
        message: 'a command must be given',
        next: 'exec SERVICE -- COMMAND …',
      })
    return runOn(entry.server, daily.execute(await findNamedService(), command, tty), tty)
  },
  'db-shell': async () =>
    runOn(
      entry.server,
      daily.openShell(await findService(entry, lab, 'mariadb'), entry.vars.app.database, tty),
      tty,
    ),
  restart: async () => runOn(first, daily.restart(await findNamedService())),
}

const chosen = Object.entries(verbs).find(([name]) => name === verb)?.[1]
if (!chosen)
  throw new InputError({
    place: verb ?? 'playbooks/environment.ts',
    message:
      verb === undefined
        ? 'a command is required'
        : `no such word${formatSuggestion(verb, Object.keys(verbs))}`,
    next: usage,
  })
const code = await chosen()
// The exit code of what was run is this script's own; the run has set its own by then.
process.on('exit', () => {
  process.exitCode ||= code
})
