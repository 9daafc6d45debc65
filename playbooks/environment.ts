#!/usr/bin/env -S npx zx
/** The daily work on an environment: `npx zx playbooks/environment.ts --env stage status`. */
import { InputError } from '../lib/errors/input-error.ts'
import { formatSuggestion } from '../lib/errors/suggest.ts'
import type { Host } from '../lib/inventory/inventory.ts'
import { playbook } from '../lib/playbook.ts'
import { join, type Sh } from '../lib/sh.ts'
import { onTerminal } from '../lib/transport/ssh/terminal.ts'
import { firstManager } from './cluster.ts'
import * as daily from './deploy/daily.ts'
import { entryOf } from './deploy/environment.ts'
import { serviceOf, stacksOf } from './deploy/services.ts'

const usage = 'status | logs SERVICE | exec SERVICE -- COMMAND … | db-shell | restart SERVICE'
const run = await playbook(import.meta, {
  about:
    'The daily work on an environment: what runs, its logs, a command or a database shell inside, a restart.',
  words: usage,
  flags: {
    env: { type: 'string', help: 'its name in hosts.yaml; required', required: true },
    tail: { type: 'string', help: 'logs: lines of the past (default 100)' },
    follow: { type: 'boolean', help: 'logs: and those to come, until Ctrl-C' },
  },
})

const { flags, lab, words } = run
const [verb, service, ...command] = words
const entry = entryOf(run.inventory, flags.env)
const first = firstManager(entry.cluster)
const find = () => serviceOf(entry, lab, service)
const tty = process.stdin.isTTY === true && process.stdout.isTTY === true

/** On this host, as root, with what is wrong with it said first. */
const on = (host: Host, fragment: Sh, tty = false): Promise<number> => {
  const ready = daily.ready({
    host: host.name,
    cluster: entry.cluster.name,
    manager: host === first,
  })
  return onTerminal(host, join([ready, fragment]), { tty, sshConfig: !lab })
}

const verbs = {
  status: async () =>
    on(
      first,
      daily.status(
        entry.name,
        (await stacksOf(entry, lab)).map(({ name }) => name),
      ),
    ),
  logs: async () =>
    on(
      first,
      daily.logs(await find(), { tail: flags.tail ?? '100', follow: flags.follow === true }),
      tty,
    ),
  exec: async () => {
    if (command.length === 0)
      throw new InputError({
        place: 'exec',
        message: 'a command must be given',
        next: 'exec SERVICE -- COMMAND …',
      })
    return on(entry.server, daily.exec(await find(), command, tty), tty)
  },
  'db-shell': async () =>
    on(
      entry.server,
      daily.shell(await serviceOf(entry, lab, 'mariadb'), entry.vars.app.database, tty),
      tty,
    ),
  restart: async () => on(first, daily.restart(await find())),
}

const chosen = Object.entries(verbs).find(([name]) => name === verb)?.[1]
if (!chosen)
  throw new InputError({
    place: verb ?? 'playbooks/environment.ts',
    message:
      verb === undefined
        ? 'what is to be done must be said'
        : `no such word${formatSuggestion(verb, Object.keys(verbs))}`,
    next: usage,
  })
const code = await chosen()
// The exit code of what was run is this script's own; the run has set its own by then.
process.on('exit', () => {
  process.exitCode ||= code
})
