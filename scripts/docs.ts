#!/usr/bin/env -S npx zx
/**
 * Writes docs/operations.md and lib/operations/options.json from the types and docstrings of the
 * operations, options.json of each folder with roles from their types, and docs/settings.md from
 * those of the settings: `npx zx scripts/docs.ts`. With --check it only reports whether they are
 * out of date.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { readArguments } from '../lib/cli/argv.ts'
import { readSettings } from '../lib/inventory/load-project.ts'
import type { KnownRoles, KnownValues } from '../lib/operation/value-type.ts'
import { print, say } from '../lib/report/print.ts'
import { describeRoles } from './docs/calls.ts'
import { describeOperations } from './docs/read.ts'
import { renderPage } from './docs/render.ts'
import { renderSettings } from './docs/render-settings.ts'
import { describeSettings, type SettingsReference } from './docs/settings.ts'
import { withSource } from './docs/source.ts'

const help = `npx zx scripts/docs.ts [--check] [--root FOLDER]
Writes docs/operations.md and lib/operations/options.json from the types and docstrings in
lib/operations, options.json beside each role(…), and docs/settings.md from the declarations that
settings.ts lists. Writes nothing and exits 1 if an operation, an option or a setting has no
docstring.
  --check         write nothing; exit 1 if a file is out of date
  --root FOLDER   another project (default: this one)`

const options = {
  check: { type: 'boolean' },
  root: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const

/** Renders an options.json, which a running playbook checks values by: a line per type. */
const renderOptions = (tables: KnownValues | KnownRoles): string => {
  const lines = (types: KnownValues['types']) =>
    Object.entries(types).map(([name, type]) => `${JSON.stringify(name)}: ${JSON.stringify(type)}`)
  const all = Object.entries(tables).map(
    ([name, types]) => `${JSON.stringify(name)}: {\n${lines(types).join(',\n')}\n}`,
  )
  return `{${all.join(',\n')}}\n`
}

/** Reads the settings of a project. Null if it has no settings.ts. */
const readReference = async (root: string): Promise<SettingsReference | null> =>
  existsSync(join(root, 'settings.ts'))
    ? describeSettings(root, (await readSettings(root)).settings)
    : null

/** Returns the text to print and the exit code. */
const main = async (args: string[]): Promise<[text: string, code: number]> => {
  const { values } = parseArgs({ args, options })
  if (values.help) return [help, 0]
  const root = resolve(values.root ?? fileURLToPath(new URL('..', import.meta.url)))
  const [{ references, problems, values: known }, roles] = withSource(root, source => [
    describeOperations(source),
    describeRoles(source),
  ])
  const settings = await readReference(root)
  const all = [...problems, ...(settings?.problems ?? [])]
  if (all.length > 0)
    return [[...all, 'Write a /** docstring */ above each: result, unit, default.'].join('\n'), 1]
  const files = {
    'docs/operations.md': renderPage(references),
    'lib/operations/options.json': renderOptions(known),
    ...Object.fromEntries(
      [...roles].map(([folder, all]) => [`${folder}/options.json`, renderOptions(all)]),
    ),
    ...(settings && { 'docs/settings.md': renderSettings(settings.groups) }),
  }
  const due = Object.entries(files).filter(
    ([file, text]) =>
      !existsSync(join(root, file)) || readFileSync(join(root, file), 'utf8') !== text,
  )
  const list = new Intl.ListFormat('en')
  if (due.length === 0) return [`${list.format(Object.keys(files))} are up to date`, 0]
  const named = list.format(due.map(([file]) => file))
  if (values.check) return [`${named} out of date with the source: run npx zx scripts/docs.ts`, 1]
  for (const [file, text] of due) writeFileSync(join(root, file), text)
  return [`${named}: written`, 0]
}

try {
  const [text, code] = await main(readArguments(import.meta))
  const show = code === 0 ? print : say
  show(text)
  process.exitCode = code
} catch (error) {
  if (!(error as NodeJS.ErrnoException).code?.startsWith('ERR_PARSE_ARGS')) throw error
  say(`${(error as Error).message}\n${help}`)
  process.exitCode = 1
}
