#!/usr/bin/env -S npx zx
/**
 * `npm run check`: types, lint, the rules of the house, docs. Each one a line with its time; all
 * run, also after one has failed.
 */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { tooLong, untested, violations } from './test/house.ts'
import { readSources } from './test/sources.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
/** What a check has to complain of; empty is good. */
type Check = () => Promise<string> | string

/** The complaints of a program: what it printed, unless it ended with exit code 0. */
const program =
  (command: string, ...args: readonly string[]): Check =>
  () =>
    new Promise(resolve => {
      let text = ''
      const child = spawn(command, args, {
        cwd: root,
        stdio: ['ignore', 'pipe', 'pipe'],
        timeout: 300_000,
      })
      for (const stream of [child.stdout, child.stderr]) stream.on('data', chunk => (text += chunk))
      child.on('error', error => resolve(error.message))
      child.on('close', code => resolve(code === 0 ? '' : text || `exit code ${code}`))
    })

const sources = readSources(root)
const checks: Record<string, Check> = {
  types: program('node_modules/.bin/tsc'),
  lint: program('node_modules/.bin/biome', 'check', '--error-on-warnings'),
  imports: () => violations(sources).join('\n'),
  sizes: () => tooLong(sources, 300).join('\n'),
  'a test for each operation': () => untested([...sources.keys()]).join('\n'),
  ...(existsSync(`${root}scripts/docs.ts`)
    ? { docs: program('npx', 'zx', 'scripts/docs.ts', '--check') }
    : {}),
}

for (const [name, check] of Object.entries(checks)) {
  const began = performance.now()
  const complaints = await check()
  process.stdout.write(
    `${complaints ? 'FAIL' : 'ok  '}  ${name}  ${((performance.now() - began) / 1000).toFixed(1)} s\n`,
  )
  if (!complaints) continue
  process.exitCode = 1
  process.stdout.write(`      ${complaints.trimEnd().replaceAll('\n', '\n      ')}\n`)
}
