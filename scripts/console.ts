#!/usr/bin/env -S npx zx
/**
 * A console with the inventory loaded, and its hosts at hand: `npx zx scripts/console.ts --lab`.
 */
import { chmodSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { type REPLServer, start } from 'node:repl'
import { openConsole } from '../lib/adhoc/console.ts'
import { formatResults } from '../lib/adhoc/format-results.ts'
import { openSessions } from '../lib/adhoc/open-sessions.ts'
import { readArguments } from '../lib/cli/argv.ts'
import { loadEnvironment } from '../lib/cli/dotenv.ts'
import { parseFlags } from '../lib/cli/flags.ts'
import { InputError } from '../lib/errors/input-error.ts'
import { requireLab } from '../lib/inventory/lab-state.ts'
import { loadProject } from '../lib/inventory/load-project.ts'
import { selectHosts } from '../lib/inventory/pattern.ts'
import { findProject } from '../lib/inventory/project.ts'
import { readSudoPassword } from '../lib/playbook.ts'
import { print, say } from '../lib/report/run-report.ts'
import { createPaint, wantsColor } from '../lib/report/style.ts'
import { readForks } from '../lib/run/from-flags.ts'

const help = `npx zx scripts/console.ts [-i FILE] [-e VARS] [-l PATTERN] [-f FORKS] [-K] [--lab]
  .run PATTERN COMMAND       runs a line in the shell of each host, as root
  .hosts [PATTERN]           the hosts of a pattern
  inventory, hosts           all of hosts.yaml, and its hosts
  host('web1').vars          one host
  select('stage:!db1')       the hosts of a pattern
  await run('all', 'uptime') the same as .run, and gives the answers
  Ctrl-C ends what runs; Ctrl-D ends the console. History: .runs/console-history, for you alone.`

/** A console on this desk; settles when it is left and nothing runs any more. */
const main = async (args: readonly string[]): Promise<void> => {
  const flags = parseFlags(args, {})
  if (flags.help) return print(help)
  const project = findProject(process.cwd(), flags.inventory)
  loadEnvironment(project.root)
  const lab = flags.lab ? await requireLab() : null
  const inventory = await loadProject(project, { lab, extra: flags['extra-vars'] })
  const hosts = selectHosts(inventory, 'all', flags.limit)
  const sudoPassword = await readSudoPassword(flags)
  const { ask, end } = openConsole(inventory, flags.limit, readForks(flags), () =>
    openSessions(lab !== null, sudoPassword),
  )
  const look = createPaint(wantsColor(process.stdout.isTTY === true, process.env))
  print(`${hosts.length} hosts${lab ? ' of the lab' : ''}; .help shows what there is`)
  const server = start({
    prompt: 'brd> ',
    useColors: wantsColor(process.stdout.isTTY === true, process.env),
  })
  let running = Promise.resolve()
  const run = async (pattern: string, command: string | readonly string[], seconds?: number) => {
    const asked = ask(pattern, command, seconds)
    running = asked.then(
      () => {},
      () => {},
    )
    const all = await asked
    server.output.write(`${formatResults(all, look).join('\n')}\n`)
    return all
  }
  Object.assign(server.context, {
    inventory,
    hosts,
    run,
    host: (name: string) => inventory.hosts.get(name),
    select: (pattern: string) => selectHosts(inventory, pattern, flags.limit),
  })
  define(server, 'run', 'PATTERN COMMAND: runs a line on the hosts', async text => {
    const [, pattern = '', line = ''] = /^(\S+)\s+([\s\S]+)$/.exec(text.trim()) ?? []
    if (line === '')
      throw new InputError({
        place: '.run',
        message: 'a pattern and a command are expected',
        next: 'such as: .run all uptime',
      })
    await run(pattern, line)
  })
  define(server, 'hosts', '[PATTERN]: lists hosts', async text => {
    for (const { name, address } of selectHosts(inventory, text.trim() || 'all', flags.limit))
      server.output.write(`${name}\t${address}\n`)
  })
  remember(server, project.root)
  await new Promise(resolve => server.once('exit', resolve))
  await running
  await end()
}

/** A command of the console. What goes wrong in it is said, and the console goes on. */
const define = (
  server: REPLServer,
  name: string,
  help: string,
  work: (text: string) => Promise<void>,
): void =>
  server.defineCommand(name, {
    help,
    action: text =>
      void work(text)
        .catch(error =>
          server.output.write(
            `${error instanceof InputError ? error.message : (error as Error).stack}\n`,
          ),
        )
        .finally(() => server.displayPrompt()),
  })

/**
 * Lines are kept for the next time, and ^C reaches what runs: a terminal that is read key by key
 * sends no signal.
 */
const remember = (server: REPLServer, root: string): void => {
  server.on('SIGINT', () => void process.emit('SIGINT'))
  if (!server.terminal) return
  mkdirSync(join(root, '.runs'), { recursive: true, mode: 0o700 })
  const path = join(root, '.runs/console-history')
  server.setupHistory(path, error => {
    if (error) say(`the history is not kept: ${error.message}`)
    else chmodSync(path, 0o600)
  })
}

try {
  await main(readArguments(import.meta))
} catch (error) {
  if (!(error instanceof InputError)) throw error
  say(error.message)
  process.exitCode = 1
}
