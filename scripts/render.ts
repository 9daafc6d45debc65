#!/usr/bin/env -S npx zx
/**
 * Writes the compose files and configs of environments for review:
 * `npx zx scripts/render.ts [ENV…] [--lab]`.
 */
import { spawnSync } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { FLAGS } from '../lib/cli/flags.ts'
import { runScript, type ScriptDefinition } from '../lib/cli/script.ts'
import { InputError } from '../lib/errors/input-error.ts'
import { requireLab } from '../lib/inventory/lab-state.ts'
import { loadProject } from '../lib/inventory/load-project.ts'
import { findProject } from '../lib/inventory/project.ts'
import { print } from '../lib/report/print.ts'
import { clearRendered } from '../playbooks/deploy/clear-rendered.ts'
import { findEnvironment } from '../playbooks/deploy/environment.ts'
import { renderEnvironment } from '../playbooks/deploy/render.ts'

const flags = {
  inventory: FLAGS.inventory,
  out: { type: 'string', short: 'o', value: 'FOLDER', help: 'default: rendered' },
  lab: { type: 'boolean', help: 'with the values of the lab' },
  diff: {
    type: 'boolean',
    help: 'write nothing; show how each stack differs from the running one (asks the cluster)',
  },
} as const

const script: ScriptDefinition<typeof flags> = {
  usage: ['scripts/render.ts [ENVIRONMENT …]'],
  about:
    'Writes the compose files and configs of environments (default: all) to rendered/ENVIRONMENT/.',
  flags,
  notes: [
    'No secret is written. The names of Docker secrets end in zeros here, and in a keyed hash on',
    'the cluster.',
  ],
}

const root = fileURLToPath(new URL('..', import.meta.url))

await runScript(import.meta, script, async ({ flags, words }) => {
  const project = findProject(process.cwd(), flags.inventory)
  const lab = flags.lab ? await requireLab() : null
  const inventory = await loadProject(project, { lab })
  const names = words.length > 0 ? words : [...inventory.environments.keys()]
  const entries = names.map(name => findEnvironment(inventory, name))
  if (flags.diff)
    return showDifferences(names, [
      '--inventory',
      project.inventory,
      ...(flags.lab ? ['--lab'] : []),
    ])
  for (const entry of entries) {
    const folder = join(flags.out ?? join(project.root, 'rendered'), entry.name)
    const files = await renderEnvironment(entry, lab)
    await clearRendered(folder)
    for (const [path, text] of files) await write(join(folder, path), text)
    print(`${entry.title}: ${folder}${validate(files)}`)
  }
})

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, text)
}

/**
 * Validates the compose files with Docker's client, if it can (23.0 and later). A file that it
 * refuses is an InputError.
 */
function validate(files: ReadonlyMap<string, string>): string {
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
  return ' (validated by docker stack config)'
}

/** Shows what a deploy would change, by the deploy's own check mode. */
function showDifferences(names: readonly string[], flags: readonly string[]): void {
  const start = join(root, 'scripts/start.mjs')
  for (const name of names) {
    const { status } = spawnSync(
      process.execPath,
      [start, 'playbooks/deploy-environment.ts', '--env', name, '--check', '--diff', ...flags],
      { cwd: root, stdio: 'inherit' },
    )
    process.exitCode ||= status ?? 1
  }
}
