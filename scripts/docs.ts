#!/usr/bin/env -S npx zx
/**
 * Writes docs/operations.md and lib/operations/options.json from the types and docstrings of the
 * operations: `npx zx scripts/docs.ts`. With --check it only reports whether they are out of date.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import type { OperationReference } from '../lib/adhoc/reference.ts'
import { readArguments } from '../lib/cli/argv.ts'
import { readOperations } from './docs/read.ts'
import { renderPage } from './docs/render.ts'

const help = `npx zx scripts/docs.ts [--check] [--root FOLDER]
Writes docs/operations.md and lib/operations/options.json from the types and docstrings in
lib/operations. Writes nothing and exits 1 if an operation or an option has no docstring.
  --check         write nothing; exit 1 if a file is out of date
  --root FOLDER   another project (default: this one)`

const options = {
  check: { type: 'boolean' },
  root: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const

/**
 * Renders options.json, which a running playbook checks options by: a line per operation. The value
 * of an option is the list of words that it may be, or true.
 */
const renderOptions = (references: readonly OperationReference[]): string => {
  const line = ({ name, options }: OperationReference) =>
    `${JSON.stringify(name)}: ${JSON.stringify(
      Object.fromEntries(options.all.map(option => [option.name, listWords(option.type)])),
    )}`
  return `{\n${references.map(line).join(',\n')}\n}\n`
}

/** The words of a type such as `'present' | 'absent'`; true for any other type. */
const listWords = (type: string): readonly string[] | true =>
  /^'[^']*'( \| '[^']*')*$/.test(type)
    ? [...new Set([...type.matchAll(/'([^']*)'/g)].map(([, word = '']) => word))]
    : true

/** Returns the text to print and the exit code. */
const main = (args: string[]): [text: string, code: number] => {
  const { values } = parseArgs({ args, options })
  if (values.help) return [help, 0]
  const root = values.root ?? fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '')
  const { references, problems } = readOperations(root)
  if (problems.length > 0)
    return [
      [...problems, 'Write a /** docstring */ above each: result, unit, default.'].join('\n'),
      1,
    ]
  const files = {
    'docs/operations.md': renderPage(references),
    'lib/operations/options.json': renderOptions(references),
  }
  const due = Object.entries(files).filter(
    ([file, text]) =>
      !existsSync(join(root, file)) || readFileSync(join(root, file), 'utf8') !== text,
  )
  if (due.length === 0) return [`${Object.keys(files).join(' and ')} are up to date`, 0]
  const named = due.map(([file]) => file).join(' and ')
  if (values.check)
    return [`${named} out of date with lib/operations: run npx zx scripts/docs.ts`, 1]
  for (const [file, text] of due) writeFileSync(join(root, file), text)
  return [`${named}: ${references.length} operations`, 0]
}

try {
  const [text, code] = main(readArguments(import.meta))
  process[code === 0 ? 'stdout' : 'stderr'].write(`${text}\n`)
  process.exitCode = code
} catch (error) {
  if (!(error as NodeJS.ErrnoException).code?.startsWith('ERR_PARSE_ARGS')) throw error
  process.stderr.write(`${(error as Error).message}\n${help}\n`)
  process.exitCode = 1
}
