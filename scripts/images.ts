#!/usr/bin/env -S npx zx
/**
 * The images of an environment, from their folders to the nodes: `npx zx scripts/images.ts build |
 * push | carry --env stage`.
 */
import { parseArgs } from 'node:util'
import { readArguments } from '../lib/cli/argv.ts'
import { loadEnvironment } from '../lib/cli/dotenv.ts'
import { InputError } from '../lib/errors/input-error.ts'
import { formatSuggestion } from '../lib/errors/suggest.ts'
import { openClient } from '../lib/images/client.ts'
import { type OwnImage, ownImages } from '../lib/images/own.ts'
import { requireLab } from '../lib/inventory/lab-state.ts'
import { loadProject } from '../lib/inventory/load-project.ts'
import { findNearestProject, findProject } from '../lib/inventory/project.ts'
import { explainVariable } from '../lib/inventory/why.ts'
import { Secret } from '../lib/secret.ts'
import { Unreachable } from '../lib/transport/connection.ts'
import { findEnvironment } from '../playbooks/deploy/environment.ts'
import { buildAll } from './images/build.ts'
import { carryAll } from './images/carry.ts'
import { pushAll } from './images/push.ts'
import { imageClient } from './lab/engine.ts'

const help = `npx zx scripts/images.ts build | push | carry [IMAGE …] --env ENVIRONMENT
  build    builds images with Docker on this machine, checks and names them   (default: all that hosts.yaml tells how to)
  push     to the registry of hosts.yaml (app.registry)                       (default: those whose names begin with it)
  carry    over ssh to each node that may run them, where no registry is      (default: those that are named localhost/…)
IMAGE: app (the application), walg (wal-g beside the server's mariadb-backup), runtime (PHP, which the application is made of)
      --env ENVIRONMENT   whose images; required
      --release TAG       of the application; default: the tag in hosts.yaml
      --check             carry: say which nodes lack what, and send nothing
      --minutes NUMBER    carry: how long a node may take; default 30
  -i, --inventory FILE    default: hosts.yaml
      --lab               on the lab's engine and hosts
Each ends with the line for hosts.yaml that makes the next deploy take the very image. docs/images.md tells the whole way.`

const options = {
  env: { type: 'string' },
  release: { type: 'string' },
  check: { type: 'boolean', short: 'C' },
  minutes: { type: 'string' },
  inventory: { type: 'string', short: 'i' },
  lab: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const

const usage = 'npx zx scripts/images.ts --help'
const commands = { build: buildAll, push: pushAll, carry: carryAll }

loadEnvironment(findNearestProject(process.cwd()) ?? process.cwd())
const sudoPassword = process.env['BRD_SUDO_PASSWORD']
  ? new Secret(process.env['BRD_SUDO_PASSWORD'], 'BRD_SUDO_PASSWORD')
  : null
delete process.env['BRD_SUDO_PASSWORD'] // no child of ours shall see it

/** Ends what runs; what was begun is cleaned up then. */
const interrupted = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(signal, () => interrupted.abort(new Error('interrupted')))

const main = async (args: string[]): Promise<number> => {
  const { values, positionals } = given(args)
  const [verb, ...words] = positionals
  if (values.help || verb === undefined) return say(help, 0)
  const command = commandOf(verb, values)
  const images = words.map(imageOf)
  if (values.env === undefined)
    throw new InputError({ place: verb, message: '--env is missing: whose images?', next: usage })
  const project = findProject(process.cwd(), values.inventory)
  const { root, inventory: file } = project
  const lab = values.lab ? await requireLab() : null
  const inventory = await loadProject(project, { lab })
  const entry = findEnvironment(inventory, values.env)
  const { signal } = interrupted
  const place = (option: string) =>
    explainVariable(inventory, `${entry.name}.${option}`).settings[0]?.place ?? file
  const here = (ref: string) => lab?.images.find(image => image.ref === ref)?.image ?? ref
  return command({
    asked: { entry, release: values.release, root, file, place, here },
    images,
    lab,
    client: () => (lab ? imageClient(signal) : openClient({}, signal)),
    signal,
    check: values.check === true,
    minutes: minutesOf(values.minutes),
    ...(sudoPassword ? { sudoPassword } : {}),
  })
}

const given = (args: string[]) => {
  try {
    return parseArgs({ args, options, allowPositionals: true })
  } catch (cause) {
    throw new InputError(
      { message: (cause as Error).message.split('. ')[0] ?? '', next: usage },
      { cause },
    )
  }
}

const commandOf = (verb: string, { check, minutes }: { check?: boolean; minutes?: string }) => {
  const found = Object.entries(commands).find(([name]) => name === verb)?.[1]
  if (!found)
    throw new InputError({
      message: `there is no command ${verb}${formatSuggestion(verb, Object.keys(commands))}`,
      next: usage,
    })
  if (verb !== 'carry' && (check || minutes !== undefined))
    throw new InputError({
      place: verb,
      message: `${check ? '--check' : '--minutes'} is for carry`,
      next: usage,
    })
  return found
}

const imageOf = (word: string): OwnImage => {
  const found = ownImages.find(name => name === word)
  if (found) return found
  throw new InputError({
    message: `there is no image ${word}${formatSuggestion(word, ownImages)}`,
    next: `There are: ${ownImages.join(', ')}.`,
  })
}

const minutesOf = (text = '30'): number => {
  const minutes = Number(text)
  if (minutes > 0 && minutes <= 24 * 60) return minutes
  throw new InputError({
    place: `--minutes ${text}`,
    message: 'is not a number of minutes, up to a day',
  })
}

const say = (text: string, code: number): number => {
  process.stdout.write(`${text}\n`)
  return code
}

/** Exit codes as everywhere: 1 bad input, 2 failed, 4 unreachable, 130 interrupted. */
const failed = (error: unknown): number => {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`)
  if (error instanceof Unreachable && error.next) process.stderr.write(`  ${error.next}\n`)
  return error instanceof InputError ? 1 : error instanceof Unreachable ? 4 : 2
}

const code = await main(readArguments(import.meta)).catch(failed)
process.exitCode = interrupted.signal.aborted ? 130 : code
