import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { hostname, userInfo } from 'node:os'
import { basename, dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { readArguments } from './cli/argv.ts'
import { parseCommandLine } from './cli/command-line.ts'
import { loadEnvironment } from './cli/dotenv.ts'
import type { CommonFlags, Flag, Flags } from './cli/flags.ts'
import { formatHelp } from './cli/help.ts'
import { followLink } from './disk/follow-link.ts'
import { InputError } from './errors/input-error.ts'
import type { Host } from './inventory/inventory.ts'
import { labPath } from './inventory/lab-home.ts'
import { requireLab } from './inventory/lab-state.ts'
import { loadProject } from './inventory/load-project.ts'
import { selectHosts } from './inventory/pattern.ts'
import { findProject, type Project } from './inventory/project.ts'
import { askSecret } from './report/ask.ts'
import { guardConsole } from './report/guard-console.ts'
import { print, say } from './report/print.ts'
import { checkCall } from './run/calls.ts'
import { readRunFlags } from './run/from-flags.ts'
import { playsOnce } from './run/one-play.ts'
import type { PlaybookOptions } from './run/options.ts'
import { openPlan } from './run/plan/open.ts'
import { Run } from './run/run.ts'
import { hideSecret, Secret } from './secret.ts'
import { listScopeFiles } from './secrets/scope-files.ts'
import { openSecrets, Scopes } from './secrets/scopes.ts'
import { initStore, type Store } from './secrets/store.ts'
import { openVault, type Vault } from './secrets/vault.ts'
import { importSource } from './startup/import-source.ts'

export { requireSettings } from './inventory/require-settings.ts'
export type { PlaybookOptions } from './run/options.ts'
export type { Run } from './run/run.ts'

/** The scripts that have begun: each is one run. */
const begun = new Set<string>()

/**
 * Begins a playbook: reads its flags and the inventory, and gives the run that plays lists on
 * hosts. When the script ends, the recap is shown
 * and the exit code set: 0 all good, 1 bad input, 2 a host failed, 3 differences (--check
 * --exit-code), 4 a host unreachable, 130 interrupted.
 * A second call in one script is an InputError.
 */
export const playbook = async <const Own extends Record<string, Flag> = Record<never, Flag>>(
  meta: { readonly url: string },
  options: PlaybookOptions<Own> = {},
): Promise<Run<Flags<Own>>> => {
  if (begun.has(meta.url))
    throw new InputError({
      place: relative(process.cwd(), fileURLToPath(meta.url)),
      message: 'playbook() is called twice, and a script is one run',
      next: 'Play again with the run that the first call gave: await run.play(…).',
    })
  begun.add(meta.url)
  guardConsole()
  try {
    checkCall('playbook()', options)
    const { about = '', flags: own = {} as Own, words: usage, from } = options
    const script = fileURLToPath(meta.url)
    const { flags, words: given } = parseCommandLine(readArguments(meta), own, usage !== undefined)
    if (flags.help)
      return await stop(0, formatHelp(relative(process.cwd(), script), about, own, usage))
    const project = findProject(from ?? dirname(script), flags.inventory)
    return await begin(meta, basename(script).replace(/\.ts$/, ''), project, flags, given)
  } catch (error) {
    if (!(error instanceof InputError)) throw error
    say(error.message)
    return await stop(1)
  }
}

const begin = async <F extends CommonFlags>(
  meta: { readonly url: string },
  name: string,
  project: Project,
  flags: F,
  words: readonly string[],
): Promise<Run<F>> => {
  const { root } = project
  loadEnvironment(root)
  const how = readRunFlags(flags)
  const lab = flags.lab ? await requireLab() : null
  const inventory = await loadProject(project, { lab, extra: flags['extra-vars'] })
  if (flags.limit !== undefined) selectHosts(inventory, 'all', flags.limit)
  if (flags['list-hosts'])
    return await stop(0, selectHosts(inventory, 'all', flags.limit).map(formatHost).join('\n'))
  const check = how.mode !== 'apply' // neither other mode writes a secret
  const secrets = openVault(() => openRunStore(root, lab !== null, check), check)
  const given = {
    flags,
    words,
    inventory: project.inventory,
    lab: lab && JSON.stringify(lab.hosts),
  }
  const plan = await openPlan(name, given, secrets, new Date(), how.mode)
  const sudoPassword = await readSudoPassword(flags)
  const who = `${userInfo().username}@${hostname()} ${name} ${randomBytes(4).toString('hex')}`
  const run = new Run<F>({
    name,
    root,
    who,
    flags,
    words,
    inventory,
    lab,
    vault: secrets,
    how,
    playsOnce: playsOnce(readFileSync(fileURLToPath(meta.url), 'utf8')),
    plan,
    ...(sudoPassword ? { sudoPassword } : {}),
  })
  // The script's own promise: it settles when the last line of the playbook has run, or when it
  // threw.
  void importSource(fileURLToPath(meta.url)).then(
    () => run.end(),
    error => run.end(error),
  )
  return run
}

const formatHost = ({ name, address, port, user, cluster }: Host): string =>
  `${name}\t${user}@${address}:${port}\t${cluster.title}`

/**
 * The lab has a separate store and key, which are made on first use; the project's owner makes the
 * project's store. Check mode works without a store. A key that opens scopes alone has
 * those, and a line says which.
 */
const openRunStore = async (
  root: string,
  lab: boolean,
  check: boolean,
): Promise<Store | Scopes | null> => {
  const where = lab
    ? { path: labPath('secrets.age'), key: labPath('age.key') }
    : { path: join(root, 'secrets/brd.age') }
  const isThere =
    existsSync(await followLink(where.path)) || (await listScopeFiles(where.path)).length > 0
  if (check && !isThere) return null
  if (lab && !isThere) return initStore(where)
  const opened = await openSecrets(where)
  if (opened instanceof Scopes) say(`secrets: this key opens ${opened.describe()} only`)
  return opened
}

/** The sudo password from the environment; with -K the operator is asked for it once. */
export const readSudoPassword = async (flags: CommonFlags): Promise<Secret | null> => {
  const given = process.env['BRD_SUDO_PASSWORD']
  if (given) {
    delete process.env['BRD_SUDO_PASSWORD'] // no child of ours shall see it
    return hideSecret(new Secret(given, 'BRD_SUDO_PASSWORD'))
  }
  return flags['ask-become-pass']
    ? askSecret('sudo password, for all hosts', 'Set BRD_SUDO_PASSWORD in .env.')
    : null
}

/** Ends the script here, with nothing done: the exit code is set and its `await` never settles. */
const stop = (code: number, text?: string): Promise<never> => {
  if (text !== undefined) print(text)
  process.exitCode = code
  return new Promise(() => {})
}

export type { Vault }
