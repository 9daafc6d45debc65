#!/usr/bin/env -S npx zx
/**
 * Writes the compose files and configs of environments for review: `npx zx scripts/render.ts [ENV…]
 * [--lab]`.
 */
import { spawnSync } from 'node:child_process'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { readArguments } from '../lib/cli/argv.ts'
import { InputError } from '../lib/errors/input-error.ts'
import { requireLab } from '../lib/inventory/lab-state.ts'
import { loadProject } from '../lib/inventory/load-project.ts'
import { findProject } from '../lib/inventory/project.ts'
import { findEnvironment } from '../playbooks/deploy/environment.ts'
import { renderEnvironment } from '../playbooks/deploy/render.ts'

const help = `npx zx scripts/render.ts [ENVIRONMENT …]    default: all of hosts.yaml; written to rendered/ENVIRONMENT/
  -i, --inventory FILE   default: hosts.yaml
  -o, --out FOLDER       default: rendered
      --lab              as the lab sees it
      --diff             write nothing: show how each stack differs from what runs (asks the cluster)
No secret is written: the names of secrets end in zeros here, and in a keyed hash on the cluster.`

const options = {
  inventory: { type: 'string', short: 'i' },
  out: { type: 'string', short: 'o' },
  lab: { type: 'boolean' },
  diff: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const

const root = fileURLToPath(new URL('..', import.meta.url))

const main = async (args: string[]): Promise<void> => {
  const { values, positionals } = given(args)
  if (values.help) return void process.stdout.write(`${help}\n`)
  const project = findProject(process.cwd(), values.inventory)
  const lab = values.lab ? await requireLab() : null
  const inventory = await loadProject(project, { lab })
  const names = positionals.length > 0 ? positionals : [...inventory.environments.keys()]
  const entries = names.map(name => findEnvironment(inventory, name))
  if (values.diff)
    return differences(names, ['--inventory', project.inventory, ...(values.lab ? ['--lab'] : [])])
  for (const entry of entries) {
    const folder = join(values.out ?? join(project.root, 'rendered'), entry.name)
    await rm(folder, { recursive: true, force: true })
    const files = await renderEnvironment(entry, lab)
    for (const [path, text] of files) await write(join(folder, path), text)
    process.stdout.write(`${entry.title}: ${folder}${validated(files)}\n`)
  }
}

const given = (args: string[]) => {
  try {
    return parseArgs({ args, options, allowPositionals: true })
  } catch (cause) {
    throw new InputError(
      { message: (cause as Error).message.split('. ')[0] ?? '', next: 'see --help' },
      { cause },
    )
  }
}

const write = async (path: string, text: string): Promise<void> => {
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, text)
}

/**
 * Docker's own reading of the compose files, where this machine's client has one (23.0 and later).
 * A file that it refuses is an InputError.
 */
const validated = (files: ReadonlyMap<string, string>): string => {
  const { stdout: help } = spawnSync('docker', ['stack', 'config', '--help'], { encoding: 'utf8' })
  if (!help?.includes('docker stack config')) return ''
  for (const [path, input] of files) {
    if (!path.endsWith('.yml')) continue
    const { status, stderr } = spawnSync('docker', ['stack', 'config', '--compose-file', '-'], {
      input,
      encoding: 'utf8',
    })
    if (status !== 0)
      throw new InputError({
        place: path,
        message: `docker stack config refuses it: ${stderr.trim()}`,
      })
  }
  return ' (read by docker stack config)'
}

/**
 * What a deploy would change, by the deploy itself in check mode: there is no second opinion of it.
 */
const differences = (names: readonly string[], flags: readonly string[]): void => {
  const start = join(root, 'scripts/start.mjs')
  for (const name of names) {
    const { status } = spawnSync(
      process.execPath,
      [start, 'playbooks/deploy-environment.ts', '--env', name, '--check', '--diff', ...flags],
      {
        cwd: root,
        stdio: 'inherit',
      },
    )
    process.exitCode ||= status ?? 1
  }
}

try {
  await main(readArguments(import.meta))
} catch (error) {
  if (!(error instanceof InputError)) throw error
  process.stderr.write(`${error.message}\n`)
  process.exitCode = 1
}
