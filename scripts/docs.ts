#!/usr/bin/env -S npx zx
/** Writes docs/operations.md from the docstrings of the operations: `npx zx scripts/docs.ts`; with --check it only says whether that is due. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { argumentsOf } from '../lib/arguments.ts'
import { readOperations } from '../lib/docs/read.ts'
import { page } from '../lib/docs/render.ts'

const help = `npx zx scripts/docs.ts [--check] [--root FOLDER]
Writes docs/operations.md from the docstrings in lib/operations. Without a docstring of every operation and option it writes nothing and exits 1.
  --check         write nothing; exit 1 where the page is older than the docstrings
  --root FOLDER   another project (default: this one)`

const options = { check: { type: 'boolean' }, root: { type: 'string' }, help: { type: 'boolean', short: 'h' } } as const

/** What there is to say, and the exit code. */
const main = (args: string[]): [text: string, code: number] => {
  const { values } = parseArgs({ args, options })
  if (values.help) return [help, 0]
  const root = values.root ?? fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '')
  const { references, problems } = readOperations(root)
  if (problems.length > 0) return [`${problems.join('\n')}\nWrite a /** sentence */ above each: what is true afterwards, unit, default.`, 1]
  const path = join(root, 'docs/operations.md')
  const text = page(references)
  if (existsSync(path) && readFileSync(path, 'utf8') === text) return ['docs/operations.md is up to date', 0]
  if (values.check) return ['docs/operations.md is older than the docstrings in lib/operations: npx zx scripts/docs.ts', 1]
  writeFileSync(path, text)
  return [`docs/operations.md: ${references.length} operations`, 0]
}

try {
  const [text, code] = main(argumentsOf(import.meta))
  process[code === 0 ? 'stdout' : 'stderr'].write(`${text}\n`)
  process.exitCode = code
} catch (error) {
  if (!(error as NodeJS.ErrnoException).code?.startsWith('ERR_PARSE_ARGS')) throw error
  process.stderr.write(`${(error as Error).message}\n${help}\n`)
  process.exitCode = 1
}
