#!/usr/bin/env -S npx zx
/** Opens a console with the inventory loaded: `npx zx scripts/console.ts --lab`. */
import { chmodSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { type REPLServer, start } from 'node:repl'
import { openConsole } from '../lib/adhoc/console.ts'
import { formatResults } from '../lib/adhoc/format-results.ts'
import { openSessions } from '../lib/adhoc/open-sessions.ts'
import { loadEnvironment } from '../lib/cli/dotenv.ts'
import { FLAGS, type FlagValues } from '../lib/cli/flags.ts'
import { runScript, type ScriptDefinition } from '../lib/cli/script.ts'
import { InputError } from '../lib/errors/input-error.ts'
import { requireLab } from '../lib/inventory/lab-state.ts'
import { loadProject } from '../lib/inventory/load-project.ts'
import { selectHosts } from '../lib/inventory/pattern.ts'
import { findProject } from '../lib/inventory/project.ts'
import { readSudoPassword } from '../lib/playbook.ts'
import { print, printStyled, say } from '../lib/report/print.ts'
import { createPaint, wantsColor } from '../lib/report/style.ts'
import { readForks } from '../lib/run/from-flags.ts'

const known = {
  inventory: FLAGS.inventory,
  'extra-vars': FLAGS['extra-vars'],
  limit: FLAGS.limit,
  forks: FLAGS.forks,
  'ask-become-pass': FLAGS['ask-become-pass'],
  lab: { type: 'boolean', help: 'open the lab' },
} as const

const script: ScriptDefinition<typeof known> = {
  usage: ['scripts/console.ts [flags]'],
  about: 'Opens a JavaScript console with the inventory loaded.',
  commands: {
    '.run PATTERN COMMAND': 'run a line in the shell of each host, as root',
    '.hosts [PATTERN]': 'list the hosts of a pattern',
    'inventory, hosts': 'the inventory, and its hosts',
    "host('web1').vars": 'the variables of one host',
    "select('stage:!db1')": 'the hosts of a pattern',
    "await run('all', 'uptime')": 'like .run; returns the results',
  },
  flags: known,
  notes: [
    'Ctrl-C interrupts the running command; Ctrl-D closes the console. The history is kept in',
    '.runs/console-history, readable only by you.',
  ],
}

/** Runs the console until it is closed and nothing runs any more. */
const openRepl = async (flags: FlagValues<typeof known>): Promise<void> => {
  const project = findProject(process.cwd(), flags.inventory)
  loadEnvironment(project.root)
  const lab = flags.lab ? await requireLab() : null
  const inventory = await loadProject(project, { lab, extra: flags['extra-vars'] })
  const hosts = selectHosts(inventory, 'all', flags.limit)
  const sudoPassword = await readSudoPassword(flags)
  const { ask, end } = openConsole(inventory, flags.limit, readForks(flags), () =>
    openSessions(lab !== null, sudoPassword, flags.inventory),
  )
  const look = createPaint(wantsColor(process.stdout.isTTY === true, process.env))
  print(`${hosts.length} hosts${lab ? ' of the lab' : ''}; .help lists the commands`)
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
    printStyled(formatResults(all, look).join('\n'))
    return all
  }
  Object.assign(server.context, {
    inventory,
    hosts,
    run,
    host: (name: string) => inventory.hosts.get(name),
    select: (pattern: string) => selectHosts(inventory, pattern, flags.limit),
  })
  defineCommand(server, 'run', 'PATTERN COMMAND: run a line on the hosts', async text => {
    const [, pattern = '', line = ''] = /^(\S+)\s+([\s\S]+)$/.exec(text.trim()) ?? []
    if (line === '')
      throw new InputError({
        place: '.run',
        message: 'a pattern and a command are required',
        next: 'Example: .run all uptime',
      })
    await run(pattern, line)
  })
  defineCommand(server, 'hosts', '[PATTERN]: list hosts', async text => {
    for (const { name, address } of selectHosts(inventory, text.trim() || 'all', flags.limit))
      print(`${name}\t${address}`)
  })
  keepHistory(server, project.root)
  await new Promise(resolve => server.once('exit', resolve))
  await running
  await end()
}

/** Defines a command of the console. An error is printed, and the console goes on. */
const defineCommand = (
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
          say(error instanceof InputError ? error.message : String((error as Error).stack)),
        )
        .finally(() => server.displayPrompt()),
  })

/**
 * Keeps the history of lines, and passes Ctrl-C on to the running command: a terminal in raw mode
 * sends no signal.
 */
const keepHistory = (server: REPLServer, root: string): void => {
  server.on('SIGINT', () => void process.emit('SIGINT'))
  if (!server.terminal) return
  mkdirSync(join(root, '.runs'), { recursive: true, mode: 0o700 })
  const path = join(root, '.runs/console-history')
  server.setupHistory(path, error => {
    if (error) say(`the history cannot be kept: ${error.message}`)
    else chmodSync(path, 0o600)
  })
}

await runScript(import.meta, script, ({ flags, words: [unexpected] }) => {
  if (unexpected === undefined) return openRepl(flags)
  throw new InputError({ place: unexpected, message: 'unexpected argument', next: 'see --help' })
})
