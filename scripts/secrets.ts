#!/usr/bin/env -S npx zx
/** The store of secrets: `npx zx scripts/secrets.ts COMMAND`. */
import { join, relative } from 'node:path'
import { text } from 'node:stream/consumers'
import { parseArgs } from 'node:util'
import { readArguments } from '../lib/cli/argv.ts'
import { loadEnvironment } from '../lib/cli/dotenv.ts'
import { InputError } from '../lib/errors/input-error.ts'
import { formatSuggestion } from '../lib/errors/suggest.ts'
import { at } from '../lib/inventory/lab-home.ts'
import { findNearestProject, findProject } from '../lib/inventory/project.ts'
import { editStore } from '../lib/secrets/edit.ts'
import { addRecipient, removeRecipient, rotateKey } from '../lib/secrets/recipients.ts'
import { initStore, openStore, type StoreLocation } from '../lib/secrets/store.ts'

const help = `npx zx scripts/secrets.ts COMMAND
  init                      make a key and a store where there are none; prints your recipient (age1…)
  list                      names of the secrets, and the recipients
  set NAME                  the value from stdin, or asked for
  view NAME                 print the value
  remove NAME               forget it
  edit                      all of them in $EDITOR, in memory only
  add-recipient age1…       someone else can open the store
  remove-recipient age1…    someone no longer can
  rotate-key                a new key for you
Options: --store FILE (default secrets/brd.age), --key FILE (default BRD_AGE_KEY_FILE or ~/.config/brd/age.key), --lab (the lab's own)`

const usage = 'npx zx scripts/secrets.ts --help'

const asked = async (name: string) => {
  if (!process.stdin.isTTY) return (await text(process.stdin)).replace(/\r?\n$/, '')
  const { password, isCancel } = await import('@clack/prompts')
  const value = await password({ message: `Value of ${name}` })
  if (isCancel(value)) throw new InputError({ message: 'nothing was changed' })
  return value
}

const set = async (where: StoreLocation, name: string) => {
  const store = await openStore(where)
  const value = await asked(name)
  if (value === '')
    throw new InputError({
      message: 'the value is empty: nothing was changed',
      next: `printf %s VALUE | npx zx scripts/secrets.ts set ${name}`,
    })
  const replaced = store.has(name)
  await store.set(name, value)
  return `${name} ${replaced ? 'replaced' : 'set'}`
}

const list = async (where: StoreLocation) => {
  const store = await openStore(where)
  const people = store
    .recipients()
    .map(recipient => `${recipient}${recipient === store.recipient ? ' (you)' : ''}`)
  return [...store.names(), '', 'opens for:', ...people.map(line => `  ${line}`)]
    .join('\n')
    .trimStart()
}

const edits = async (where: StoreLocation) => {
  const { set, removed } = await editStore(await openStore(where))
  const told = [...set.map(name => `set ${name}`), ...removed.map(name => `removed ${name}`)]
  return told.length > 0 ? told.join('\n') : 'nothing was changed'
}

const left =
  'What it has read it still knows: change the secrets too (`edit`), and rotate them where they are used.'
const commands: Record<string, (where: StoreLocation, word: string) => Promise<string>> = {
  init: async where => `The store ${where.path} opens for ${(await initStore(where)).recipient}`,
  list,
  set,
  view: async (where, name) => (await openStore(where)).get(name).reveal(),
  remove: async (where, name) =>
    (await openStore(where)).remove(name).then(() => `${name} removed`),
  edit: edits,
  'add-recipient': async (where, who) =>
    addRecipient(await openStore(where), who).then(
      () => `The store opens for ${who}. Commit ${where.path}.`,
    ),
  'remove-recipient': async (where, who) =>
    removeRecipient(await openStore(where), who).then(
      () => `The store no longer opens for ${who}. ${left}`,
    ),
  'rotate-key': async where =>
    `The store opens for ${(await rotateKey(where)).recipient}, your new key; the old one is beside it as .previous. Commit ${where.path}.`,
}
const named = new Set(['set', 'view', 'remove', 'add-recipient', 'remove-recipient'])

const ours = () => relative(process.cwd(), join(findProject(process.cwd()).root, 'secrets/brd.age'))

const run = async (args: string[]) => {
  const options = {
    store: { type: 'string' },
    key: { type: 'string' },
    lab: { type: 'boolean' },
    help: { type: 'boolean', short: 'h' },
  } as const
  const { values, positionals } = parseArgs({ args, options, allowPositionals: true })
  const [command, word = '', ...rest] = positionals
  if (values.help || command === undefined) return help
  const act = commands[command]
  if (!act)
    throw new InputError({
      message: `there is no command ${command}${formatSuggestion(command, Object.keys(commands))}`,
      next: usage,
    })
  if (rest.length > 0 || named.has(command) !== (word !== '')) {
    throw new InputError({
      message: named.has(command)
        ? `${command} takes one word, and never a value`
        : `${command} takes none`,
      next: help,
    })
  }
  const path = values.store ?? (values.lab ? at('secrets.age') : ours())
  return act({ path, key: values.key ?? (values.lab ? at('age.key') : undefined) }, word)
}

try {
  loadEnvironment(findNearestProject(process.cwd()) ?? process.cwd())
  process.stdout.write(`${await run(readArguments(import.meta))}\n`)
} catch (error) {
  if (!(error instanceof InputError) && !(error instanceof Error && 'code' in error)) throw error
  process.stderr.write(`${error.message}\n`)
  process.exitCode = 1
}
