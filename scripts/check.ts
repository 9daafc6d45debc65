#!/usr/bin/env -S npx zx
/**
 * `npm run check`: types, lint, the house rules, docs. Each check prints a line with its time; a
 * failure does not stop the others.
 */
import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { print, printStyled } from '../lib/report/print.ts'
import { findSharedNames } from './test/exported-names.ts'
import { findLongFiles, findUntested, findViolations } from './test/house.ts'
import { findHabits, findLongLines } from './test/prose.ts'
import { readSources } from './test/sources.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
/** What a check complains of; empty if it passes. */
type Check = () => Promise<string> | string

/** Runs a program. Its output is the complaint, unless it exits with code 0. */
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
const documents = new Map(
  ['README.md', 'CONTRIBUTING.md'].flatMap(name =>
    existsSync(`${root}${name}`) ? [[name, readFileSync(`${root}${name}`, 'utf8')] as const] : [],
  ),
)
const checks: Record<string, Check> = {
  types: program('node_modules/.bin/tsc'),
  lint: program('node_modules/.bin/biome', 'check', '--error-on-warnings'),
  imports: () => findViolations(sources).join('\n'),
  sizes: () => findLongFiles(sources).join('\n'),
  'a test for each operation': () => findUntested([...sources.keys()]).join('\n'),
  prose: () => findHabits(new Map([...sources, ...documents])).join('\n'),
  lines: () => findLongLines(sources).join('\n'),
  names: () => findSharedNames(sources).join('\n'),
  ...(existsSync(`${root}scripts/docs.ts`)
    ? { docs: program('npx', 'zx', 'scripts/docs.ts', '--check') }
    : {}),
}

for (const [name, check] of Object.entries(checks)) {
  const began = performance.now()
  const complaints = await check()
  const seconds = ((performance.now() - began) / 1000).toFixed(1)
  print(`${complaints ? 'FAIL' : 'ok  '}  ${name}  ${seconds} s`)
  if (!complaints) continue
  process.exitCode = 1
  printStyled(`      ${complaints.trimEnd().replaceAll('\n', '\n      ')}`)
}
