#!/usr/bin/env -S npx zx
/**
 * `npm run check`: types, lint, the house rules, docs. Each check prints a line with its time; a
 * failure does not stop the others.
 */
import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { findSharedNames } from './test/exported-names.ts'
import { findLongFiles, findUntested, findViolations } from './test/house.ts'
import { findHabits, findLongLines } from './test/prose.ts'
import { readSources } from './test/sources.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
/** What a check found. Without complaints it passes. */
type Finding = {
  readonly complaints: string
  /** Complaints of paths that are not strict. */
  readonly elsewhere?: number
}
type Check = () => Promise<Finding> | Finding

const all = (found: readonly string[]): Finding => ({ complaints: found.join('\n') })

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
      child.on('error', error => resolve({ complaints: error.message }))
      child.on('close', code =>
        resolve({ complaints: code === 0 ? '' : text || `exit code ${code}` }),
      )
    })

/**
 * Paths whose prose, line lengths and exported names must be clean; complaints elsewhere are only
 * counted. `/^/` makes all of them strict.
 */
const STRICT =
  /^(?:lib\/(?:cli|errors|adhoc|report|secrets|images|compose)\/|scripts\/images|scripts\/check\.ts)/

/** The strict complaints, and below them how many others there are. */
const strictly = (found: readonly string[], path: RegExp): Finding => {
  const strict = found.filter(it => it.split(/, | by |: /).some(word => path.test(word)))
  return { complaints: strict.join('\n'), elsewhere: found.length - strict.length }
}

const sources = readSources(root)
const documents = new Map(
  ['README.md', 'CONTRIBUTING.md'].flatMap(name =>
    existsSync(`${root}${name}`) ? [[name, readFileSync(`${root}${name}`, 'utf8')] as const] : [],
  ),
)
const checks: Record<string, Check> = {
  types: program('node_modules/.bin/tsc'),
  lint: program('node_modules/.bin/biome', 'check', '--error-on-warnings'),
  imports: () => all(findViolations(sources)),
  sizes: () => all(findLongFiles(sources, 300)),
  'a test for each operation': () => all(findUntested([...sources.keys()])),
  prose: () => strictly(findHabits(new Map([...sources, ...documents])), STRICT),
  lines: () => strictly(findLongLines(sources), STRICT),
  names: () => strictly(findSharedNames(sources), STRICT),
  ...(existsSync(`${root}scripts/docs.ts`)
    ? { docs: program('npx', 'zx', 'scripts/docs.ts', '--check') }
    : {}),
}

for (const [name, check] of Object.entries(checks)) {
  const began = performance.now()
  const { complaints, elsewhere = 0 } = await check()
  const seconds = ((performance.now() - began) / 1000).toFixed(1)
  const more = elsewhere > 0 ? `  (${elsewhere} in files that are not strict yet)` : ''
  process.stdout.write(`${complaints ? 'FAIL' : 'ok  '}  ${name}  ${seconds} s${more}\n`)
  if (!complaints) continue
  process.exitCode = 1
  process.stdout.write(`      ${complaints.trimEnd().replaceAll('\n', '\n      ')}\n`)
}
