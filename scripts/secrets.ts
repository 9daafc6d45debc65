#!/usr/bin/env -S npx zx
/** Manages the store of secrets: `npx zx scripts/secrets.ts COMMAND`. */
import { join, relative } from 'node:path'
import { text } from 'node:stream/consumers'
import { loadEnvironment } from '../lib/cli/dotenv.ts'
import { runScript, type ScriptDefinition } from '../lib/cli/script.ts'
import { InputError } from '../lib/errors/input-error.ts'
import { formatSuggestion } from '../lib/errors/suggest.ts'
import { labPath } from '../lib/inventory/lab-home.ts'
import { findNearestProject, findProject } from '../lib/inventory/project.ts'
import { askSecret } from '../lib/report/ask.ts'
import { print, printExactly } from '../lib/report/print.ts'
import { editStore } from '../lib/secrets/edit.ts'
import { addRecipient, removeRecipient, rotateKey } from '../lib/secrets/recipients.ts'
import { initStore, openStore, type StoreLocation } from '../lib/secrets/store.ts'

const flags = {
  store: { type: 'string', value: 'FILE', help: 'default: secrets/brd.age of the project' },
  key: {
    type: 'string',
    value: 'FILE',
    help: 'default: BRD_AGE_KEY_FILE, or ~/.config/brd/age.key',
  },
  lab: { type: 'boolean', help: "use the lab's own store and key" },
} as const

const script: ScriptDefinition<typeof flags> = {
  usage: ['scripts/secrets.ts COMMAND'],
  about: 'Manages the encrypted store of secrets.',
  commands: {
    init: 'create a key and a store if they are missing; print your recipient (age1…)',
    list: 'list the names of the secrets, and the recipients',
    'set NAME': 'set a secret; its value comes from stdin, or from a prompt',
    'view NAME': 'print a secret',
    'remove NAME': 'remove a secret',
    edit: 'edit all secrets in $EDITOR, in memory only',
    'add-recipient age1…': 'let another key open the store',
    'remove-recipient age1…': 'no longer let that key open the store',
    'rotate-key': 'replace your key with a new one',
  },
  flags,
  needsWords: true,
}

const usage = 'npx zx scripts/secrets.ts --help'

const askValue = async (name: string) => {
  if (!process.stdin.isTTY) return (await text(process.stdin)).replace(/\r?\n$/, '')
  const otherwise = `printf %s VALUE | npx zx scripts/secrets.ts set ${name}`
  return (await askSecret(`Value of ${name}`, otherwise)).reveal()
}

const setSecret = async (where: StoreLocation, name: string) => {
  const store = await openStore(where)
  const value = await askValue(name)
  if (value === '')
    throw new InputError({
      message: 'the value is empty: nothing was changed',
      next: `printf %s VALUE | npx zx scripts/secrets.ts set ${name}`,
    })
  const replaced = store.has(name)
  await store.set(name, value)
  return `${name} ${replaced ? 'replaced' : 'set'}`
}

const listSecrets = async (where: StoreLocation) => {
  const store = await openStore(where)
  const people = store
    .recipients()
    .map(recipient => `${recipient}${recipient === store.recipient ? ' (you)' : ''}`)
  return [...store.names(), '', 'opens for:', ...people.map(line => `  ${line}`)]
    .join('\n')
    .trimStart()
}

const editSecrets = async (where: StoreLocation) => {
  const { set, removed } = await editStore(await openStore(where))
  const changes = [...set.map(name => `set ${name}`), ...removed.map(name => `removed ${name}`)]
  return changes.length > 0 ? changes.join('\n') : 'nothing was changed'
}

const rotateHint =
  'It still knows what it has read: change the secrets (`edit`), and rotate them in what uses them.'
const commands: Record<string, (where: StoreLocation, word: string) => Promise<string>> = {
  init: async where => `The store ${where.path} opens for ${(await initStore(where)).recipient}`,
  list: listSecrets,
  set: setSecret,
  view: async (where, name) => (await openStore(where)).get(name).reveal(),
  remove: async (where, name) =>
    (await openStore(where)).remove(name).then(() => `${name} removed`),
  edit: editSecrets,
  'add-recipient': async (where, who) =>
    addRecipient(await openStore(where), who).then(
      () => `The store opens for ${who}. Commit ${where.path}.`,
    ),
  'remove-recipient': async (where, who) =>
    removeRecipient(await openStore(where), who).then(
      () => `The store no longer opens for ${who}. ${rotateHint}`,
    ),
  'rotate-key': async where =>
    `The store opens for ${(await rotateKey(where)).recipient}, your new key. The old one is ` +
    `kept next to it as .previous. Commit ${where.path}.`,
}
const takingName = new Set(['set', 'view', 'remove', 'add-recipient', 'remove-recipient'])

const findStore = () =>
  relative(process.cwd(), join(findProject(process.cwd()).root, 'secrets/brd.age'))

await runScript(
  import.meta,
  script,
  async ({ flags, words: [command = '', word = '', ...rest] }) => {
    loadEnvironment(findNearestProject(process.cwd()) ?? process.cwd())
    const act = commands[command]
    if (!act)
      throw new InputError({
        message: `unknown command ${command}${formatSuggestion(command, Object.keys(commands))}`,
        next: usage,
      })
    if (rest.length > 0 || takingName.has(command) !== (word !== ''))
      throw new InputError({
        place: command,
        message: takingName.has(command)
          ? 'takes one argument, which is never a value'
          : 'takes no argument',
        next: usage,
      })
    const path = flags.store ?? (flags.lab ? labPath('secrets.age') : findStore())
    const show = command === 'view' ? printExactly : print
    show(await act({ path, key: flags.key ?? (flags.lab ? labPath('age.key') : undefined) }, word))
  },
)
