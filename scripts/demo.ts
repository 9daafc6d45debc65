#!/usr/bin/env -S npx zx
/**
 * All of it on this machine: `npm run demo` raises the lab, bootstraps a cluster on it, and shows
 * where its tools answer.
 */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { readArguments } from '../lib/cli/argv.ts'
import { requireLab } from '../lib/inventory/lab-state.ts'
import { loadProject } from '../lib/inventory/load-project.ts'
import { findProject } from '../lib/inventory/project.ts'
import { print } from '../lib/report/print.ts'
import { askTools } from './lab/ask-tools.ts'

const root = join(import.meta.dirname, '..')
const { values } = parseArgs({
  args: readArguments(import.meta),
  options: { yes: { type: 'boolean', short: 'y' } },
})

/** Runs a command of this project as a user would type it. Its exit code. */
const runCommand = (...words: string[]): Promise<number> =>
  new Promise(resolve => {
    print(`\n$ npx zx ${words.join(' ')}`)
    const zx = join(root, 'node_modules/zx/build/cli.js')
    const child = spawn(
      process.execPath,
      ['--import', new URL('../lib/preload.mjs', import.meta.url).href, zx, ...words],
      {
        cwd: root,
        stdio: 'inherit',
      },
    )
    child.on('exit', (code, signal) => resolve(code ?? (signal === 'SIGINT' ? 130 : 2)))
  })
process.on('SIGINT', () => {}) // it reaches what runs, which ends in good order

const runDemo = async (): Promise<number> => {
  const raised = await runCommand(
    'scripts/lab.ts',
    'up',
    '--images',
    'tools',
    ...(values.yes ? ['--yes'] : []),
  )
  if (raised !== 0) return raised
  const played = await runCommand('playbooks/bootstrap-infra-stage.ts', '--lab')
  if (played !== 0) return played
  return showTools()
}

/** Asks every tool by its name, over TLS, through Traefik. */
const showTools = async (): Promise<number> => {
  const lab = await requireLab()
  const { clusters } = await loadProject(findProject(root), { lab })
  const cluster = clusters.get('brd-infra-stage')
  if (!cluster) throw new Error('hosts.yaml has no cluster brd-infra-stage')
  const found = await askTools(cluster, lab)
  print(`\n${cluster.title} answers:`)
  for (const { url, ok, says, from } of found)
    print(`  ${ok ? 'ok ' : 'NO '} ${url.padEnd(46)} ${says}${from ? `  (${from})` : ''}`)
  const names = [...new Set(found.map(({ url }) => new URL(url).hostname))]
  print(`\nTo open them in a browser on this machine, add this line to /etc/hosts and trust this CA:
  ${cluster.hosts[0]?.address} ${names.join(' ')}
  ${lab.acme.root}
Users and passwords: npx zx scripts/secrets.ts list --lab, then view NAME --lab.
A shell on a host: npx zx scripts/lab.ts ssh infra-stage
To remove the lab: npx zx scripts/lab.ts down`)
  return found.every(({ ok }) => ok) ? 0 : 2
}

process.exitCode = await runDemo()
