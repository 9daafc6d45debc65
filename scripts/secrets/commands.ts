import type { FlagValues } from '../../lib/cli/flags.ts'
import { InputError } from '../../lib/errors/input-error.ts'
import { formatSuggestion } from '../../lib/errors/suggest.ts'
import { addEscrow, init, noteEscrowUse } from './escrow.ts'
import { admit, exclude, renewKey } from './recipients.ts'
import { createScope, deleteScope, share, unshare, verify, writeScopes } from './scopes.ts'
import type { SecretsTask } from './task.ts'
import { editSecrets, listSecrets, removeSecret, setSecret, viewSecret } from './values.ts'

/** The flags of scripts/secrets.ts. Each command takes some of them. */
export const flags = {
  scope: { type: 'string', value: 'NAME', help: 'a scope instead of the whole store' },
  name: { type: 'string', value: 'WHO', help: 'what add-recipient calls the key, for people' },
  escrow: {
    type: 'string',
    multiple: true,
    value: 'NAME=age1…',
    help: 'an offline recipient of a new store; NAME alone makes a key and prints it once',
  },
  'without-escrow': { type: 'boolean', help: 'init without offline recipients' },
  public: { type: 'string', value: 'age1…', help: 'key for add-escrow (default: made)' },
  on: { type: 'string', value: 'DAY', help: 'day for escrow-used, such as 2026-10-02 (today)' },
  store: { type: 'string', value: 'FILE', help: 'default: secrets/brd.age of the project' },
  key: {
    type: 'string',
    value: 'FILE',
    help: 'default: BRD_AGE_KEY_FILE, or ~/.config/brd/age.key',
  },
  lab: { type: 'boolean', help: "use the lab's own store and key" },
} as const

type Command = {
  /** Its argument, as --help calls it. Default: it takes none. */
  readonly word?: string
  readonly help: string
  /** The other flags that it takes. Default: none. */
  readonly takes?: readonly (keyof typeof flags)[]
  readonly act: (task: SecretsTask) => Promise<string>
}

/** The commands, by name. */
export const commands: Record<string, Command> = {
  init: {
    help: 'create a key and a store if they are missing; print your recipient (age1…)',
    takes: ['escrow', 'without-escrow'],
    act: init,
  },
  list: {
    help: 'list the names of the secrets, the recipients, the scopes',
    takes: ['scope'],
    act: listSecrets,
  },
  set: {
    word: 'NAME',
    help: 'set a secret; its value comes from stdin, or from a prompt; --scope shares it',
    takes: ['scope'],
    act: setSecret,
  },
  view: { word: 'NAME', help: 'print a secret', act: viewSecret },
  remove: { word: 'NAME', help: 'remove a secret', act: removeSecret },
  edit: {
    help: 'edit all secrets, or those of a scope, in $EDITOR, in memory only',
    takes: ['scope'],
    act: editSecrets,
  },
  'add-recipient': {
    word: 'age1…',
    help: 'let another key open the store, or one scope',
    takes: ['scope', 'name'],
    act: admit,
  },
  'remove-recipient': {
    word: 'age1…',
    help: 'no longer let that key open the store, or one scope',
    takes: ['scope'],
    act: exclude,
  },
  'rotate-key': { help: 'replace your key with a new one', act: renewKey },
  'add-scope': { word: 'NAME', help: 'add a scope: copies for other recipients', act: createScope },
  'remove-scope': { word: 'NAME', help: 'remove a scope', act: deleteScope },
  share: {
    word: 'PATTERN',
    help: 'share secrets with the scope of --scope: a name, or "stage/read-*"',
    takes: ['scope'],
    act: share,
  },
  unshare: { word: 'PATTERN', help: 'no longer share them', takes: ['scope'], act: unshare },
  'write-scopes': { help: 'write the scopes that are not what the store says', act: writeScopes },
  verify: { help: 'compare the scopes with the store; exit 1 if they differ', act: verify },
  'add-escrow': {
    word: 'NAME',
    help: 'add an offline recipient (escrow) to the store and its scopes',
    takes: ['public'],
    act: addEscrow,
  },
  'escrow-used': {
    word: 'NAME',
    help: 'record that an offline key was used, as in a drill',
    takes: ['on'],
    act: noteEscrowUse,
  },
}

const usage = 'npx zx scripts/secrets.ts --help'

/** Flags that every command takes. */
const common: readonly string[] = ['store', 'key', 'lab']

/** Finds the command of a command line. What it does not take is an InputError. */
export const findCommand = (words: readonly string[], given: FlagValues<typeof flags>) => {
  const [name = '', word = '', ...rest] = words
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined
  if (!command)
    throw new InputError({
      message: `unknown command ${name}${formatSuggestion(name, Object.keys(commands))}`,
      next: usage,
    })
  if (rest.length > 0 || (command.word !== undefined) !== (word !== ''))
    throw new InputError({
      place: name,
      message:
        command.word === undefined
          ? 'takes no argument'
          : 'takes one argument, which is never a value',
      next: usage,
    })
  const foreign = Object.entries(given).find(
    ([flag, value]) => value !== undefined && ![...common, ...(command.takes ?? [])].includes(flag),
  )
  if (foreign)
    throw new InputError({ place: name, message: `does not take --${foreign[0]}`, next: usage })
  return { act: command.act, name, word }
}
