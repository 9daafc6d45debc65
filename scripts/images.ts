#!/usr/bin/env -S npx zx
/** Builds the images of an environment and brings them to its nodes. */
import type { CommandLine } from '../lib/cli/command-line.ts'
import { loadEnvironment } from '../lib/cli/dotenv.ts'
import { FLAGS, type FlagValues } from '../lib/cli/flags.ts'
import { runScript, type ScriptDefinition } from '../lib/cli/script.ts'
import { InputError } from '../lib/errors/input-error.ts'
import { formatSuggestion } from '../lib/errors/suggest.ts'
import { openClient } from '../lib/images/docker-client.ts'
import { type OwnImage, ownImages } from '../lib/images/recipes.ts'
import { requireLab } from '../lib/inventory/lab-state.ts'
import { loadProject } from '../lib/inventory/load-project.ts'
import { findNearestProject, findProject } from '../lib/inventory/project.ts'
import { explainVariable } from '../lib/inventory/why.ts'
import { say } from '../lib/report/print.ts'
import { hideSecret, Secret } from '../lib/secret.ts'
import { Unreachable } from '../lib/transport/connection.ts'
import { findEnvironment } from '../playbooks/deploy/environment.ts'
import { buildAll } from './images/build.ts'
import { carryAll } from './images/carry.ts'
import { pushAll } from './images/push.ts'
import { openImageClient } from './lab/engine.ts'

const known = {
  env: { type: 'string', value: 'ENVIRONMENT', help: 'the environment whose images they are' },
  release: {
    type: 'string',
    value: 'TAG',
    help: 'release of the application (default: the tag in hosts.yaml)',
  },
  check: {
    type: 'boolean',
    short: 'C',
    help: 'carry: show which nodes lack which image, and send nothing',
  },
  minutes: { type: 'string', value: 'NUMBER', help: 'carry: time limit for a node (default 30)' },
  inventory: FLAGS.inventory,
  lab: { type: 'boolean', help: "use the lab's engine and hosts" },
} as const

const script: ScriptDefinition<typeof known> = {
  usage: ['scripts/images.ts build | push | carry [IMAGE …] --env ENVIRONMENT'],
  about: 'Builds the images of an environment, and brings them to a registry or to the nodes.',
  commands: {
    build:
      'build, check and name images with Docker on this machine (default: all that hosts.yaml ' +
      'describes)',
    push:
      'push images to the registry of hosts.yaml, app.registry (default: those whose names begin ' +
      'with it)',
    carry:
      'copy images over ssh to each node that may run them, without a registry (default: those ' +
      'named localhost/…)',
  },
  flags: known,
  notes: [
    'IMAGE: app (the application), walg (wal-g and the mariadb-backup of the server), restic (the',
    'backups of the files), runtime (PHP, the base of the application).',
    'Each command ends with the line for hosts.yaml that pins exactly this image for the next',
    'deploy. docs/images.md describes the whole procedure.',
  ],
  needsWords: true,
}

const usage = 'npx zx scripts/images.ts --help'
const commands = { build: buildAll, push: pushAll, carry: carryAll }

loadEnvironment(findNearestProject(process.cwd()) ?? process.cwd())
const sudoPassword = process.env['BRD_SUDO_PASSWORD']
  ? hideSecret(new Secret(process.env['BRD_SUDO_PASSWORD'], 'BRD_SUDO_PASSWORD'))
  : null
delete process.env['BRD_SUDO_PASSWORD'] // no child process may inherit it

/** Stops the work on Ctrl-C; each step cleans up after itself. */
const interrupted = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(signal, () => interrupted.abort(new Error('interrupted')))

const main = async ({
  flags,
  words: [verb = '', ...names],
}: CommandLine<FlagValues<typeof known>>): Promise<number> => {
  const command = findCommand(verb, flags)
  const images = names.map(findImage)
  if (flags.env === undefined)
    throw new InputError({ place: '--env', message: 'is required', next: usage })
  const project = findProject(process.cwd(), flags.inventory)
  const { root, inventory: file } = project
  const lab = flags.lab ? await requireLab() : null
  const inventory = await loadProject(project, { lab })
  const entry = findEnvironment(inventory, flags.env)
  const { signal } = interrupted
  const place = (option: string) =>
    explainVariable(inventory, `${entry.name}.${option}`).settings[0]?.place ?? file
  const here = (ref: string) => lab?.images.find(image => image.ref === ref)?.image ?? ref
  return command({
    asked: { entry, release: flags.release, root, file, place, here },
    images,
    lab,
    client: () => (lab ? openImageClient(signal) : openClient({}, signal)),
    signal,
    check: flags.check === true,
    minutes: parseMinutes(flags.minutes),
    ...(sudoPassword ? { sudoPassword } : {}),
  })
}

const findCommand = (
  verb: string,
  { check, minutes }: { readonly check?: boolean; readonly minutes?: string },
) => {
  const found = Object.entries(commands).find(([name]) => name === verb)?.[1]
  if (!found)
    throw new InputError({
      message: `unknown command ${verb}${formatSuggestion(verb, Object.keys(commands))}`,
      next: usage,
    })
  if (verb !== 'carry' && (check || minutes !== undefined))
    throw new InputError({
      place: verb,
      message: `${check ? '--check' : '--minutes'} is a flag of carry`,
      next: usage,
    })
  return found
}

const findImage = (word: string): OwnImage => {
  const found = ownImages.find(name => name === word)
  if (found) return found
  throw new InputError({
    message: `unknown image ${word}${formatSuggestion(word, ownImages)}`,
    next: `There are: ${ownImages.join(', ')}.`,
  })
}

const parseMinutes = (text = '30'): number => {
  const minutes = Number(text)
  if (minutes > 0 && minutes <= 24 * 60) return minutes
  throw new InputError({
    place: `--minutes ${text}`,
    message: 'must be a number of minutes, up to a day',
  })
}

/** Reports a failure; returns its exit code: 1 bad input, 2 failed, 4 unreachable. */
const reportFailure = (error: unknown): number => {
  say(error instanceof Error ? error.message : String(error))
  if (error instanceof Unreachable && error.next) say(`  ${error.next}`)
  return error instanceof InputError ? 1 : error instanceof Unreachable ? 4 : 2
}

await runScript(import.meta, script, async given => {
  const code = await main(given).catch(reportFailure)
  return interrupted.signal.aborted ? 130 : code
})
