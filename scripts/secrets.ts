#!/usr/bin/env -S npx zx
/** Manages the store of secrets: `npx zx scripts/secrets.ts COMMAND`. */
import { join, relative } from 'node:path'
import { loadEnvironment } from '../lib/cli/dotenv.ts'
import { runScript, type ScriptDefinition } from '../lib/cli/script.ts'
import { labPath } from '../lib/inventory/lab-home.ts'
import { findNearestProject, findProject } from '../lib/inventory/project.ts'
import { print, printExactly } from '../lib/report/print.ts'
import { commands, findCommand, flags } from './secrets/commands.ts'

const script: ScriptDefinition<typeof flags> = {
  usage: ['scripts/secrets.ts COMMAND'],
  about: 'Manages the encrypted store of secrets.',
  commands: Object.fromEntries(
    Object.entries(commands).map(([name, { word, help }]) => [
      word === undefined ? name : `${name} ${word}`,
      help,
    ]),
  ),
  flags,
  needsWords: true,
}

const findStore = () =>
  relative(process.cwd(), join(findProject(process.cwd()).root, 'secrets/brd.age'))

await runScript(import.meta, script, async ({ flags, words }) => {
  loadEnvironment(findNearestProject(process.cwd()) ?? process.cwd())
  const { act, name, word } = findCommand(words, flags)
  const { lab = false, store, key, ...more } = flags
  const where = {
    path: store ?? (lab ? labPath('secrets.age') : findStore()),
    key: key ?? (lab ? labPath('age.key') : undefined),
  }
  const show = name === 'view' ? printExactly : print
  show(await act({ where, word, lab, ...more }))
})
