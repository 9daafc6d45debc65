import { createHmac, randomBytes } from 'node:crypto'
import { InputError } from '../errors/input-error.ts'
import { formatSuggestion, suggest } from '../errors/suggest.ts'
import { hideSecret, redactSecrets, Secret } from '../secret.ts'
import { describeReaders } from './holders.ts'
import { generatePassword } from './password.ts'
import { Scopes } from './scopes.ts'
import type { Store } from './store.ts'

/** Values by name, which are changed in place. */
export type SecretValues = Record<string, string>

/** A secret that was generated, since it was not in the store. */
export type MadeSecret = { readonly name: string; readonly near: string | null }

/** Says that a secret was made, or would be; a misspelt name has a near one. */
export const describeMade = ({ name, near }: MadeSecret, isApplied: boolean): string =>
  `the secret ${name} ${isApplied ? 'was' : 'would be'} made new: it was not in the store` +
  (near ? `, which has ${near}` : '')

/** The secrets of one run. It also redacts them from every text that is shown. */
export type Vault = {
  /**
   * Returns a secret, and generates it into the store on first use. In check mode a missing one
   * gets a temporary value, and nothing is written.
   */
  readonly secret: (name: string, generate?: () => string) => Promise<Secret>
  /**
   * Returns a secret that somebody has put into the store, such as a certificate. One that is not
   * there is an InputError that names the nearest; nothing is generated.
   */
  readonly given: (name: string) => Promise<Secret>
  /** Secrets that were generated since this was last asked, each with its nearest neighbour. */
  readonly takeMade: () => readonly MadeSecret[]
  /** Returns a secret, or null if it does not exist. Nothing is generated. */
  readonly find: (name: string) => Promise<Secret | null>
  /**
   * Says who can read a secret: those who open the store, and those of each scope that shares it.
   * Null without a store.
   */
  readonly readers: (name: string) => Promise<string | null>
  /**
   * Changes the store in one step, on disk before this returns. In check mode only this run sees
   * the change.
   */
  readonly edit: (change: (values: SecretValues) => void) => Promise<void>
  /**
   * Opens the store. Returns false if there is no store, which only check mode allows: the results
   * of hmac are then valid for this run only.
   */
  readonly keyed: () => Promise<boolean>
  /** Computes an HMAC of a secret under the store's key, hex. Names and stamps derive from it. */
  readonly hmac: (purpose: string, secret: Secret) => string
  /** Returns the secrets that were made for this run: the store did not have them. */
  readonly made: () => readonly Secret[]
  /** Replaces every secret that this process has used in a text by its name. */
  readonly redact: (text: string) => string
}

/**
 * Creates a vault, which opens the store when the first secret is used. `open` returns null if
 * there is no store yet, which only check mode allows. With a key for scopes alone the vault has
 * what they share, makes nothing new, and names the place of what is missing.
 */
export const openVault = (open: () => Promise<Store | Scopes | null>, check: boolean): Vault => {
  const made = new Map<string, Secret>()
  const passing = randomBytes(32)
  const untold: MadeSecret[] = []
  let opening: Promise<OpenStore> | undefined
  let store: Store | Scopes | null = null
  const held = (): Promise<OpenStore> => {
    opening ??= open().then(found => {
      store = found
      if (found instanceof Scopes) return useScopes(found)
      return found !== null && !check ? useStore(found) : simulateStore(found)
    })
    return opening
  }
  return {
    secret: async (name, generate = generatePassword) => {
      const values = await held()
      const known = [...values.names()]
      const secret = hideSecret(await values.ensure(name, generate))
      if (!known.includes(name)) {
        made.set(name, secret)
        untold.push({ name, near: suggest(name, known) })
      }
      return secret
    },
    given: async name => {
      const values = await held()
      const found = values.find(name)
      if (!found) throw values.createMissingError(name)
      return hideSecret(found)
    },
    takeMade: () => untold.splice(0),
    find: async name => {
      const found = (await held()).find(name)
      return found && hideSecret(found)
    },
    readers: async name => {
      await held()
      const found = store?.readersOf(name)
      return found && found.recipients.length > 0 ? describeReaders(found) : null
    },
    edit: async change => (await held()).edit(change),
    keyed: async () => (await held()) && store !== null,
    hmac: (purpose, secret) =>
      store !== null
        ? store.hmac(purpose, secret)
        : createHmac('sha256', passing).update(`${purpose}\0${secret.reveal()}`).digest('hex'),
    made: () => [...made.values()],
    redact: redactSecrets,
  }
}

const createMissingError = (name: string, known: readonly string[]): InputError =>
  new InputError({
    message: `the secret ${name} is not in the store${formatSuggestion(name, known)}`,
    next: `Set it with: npx zx scripts/secrets.ts set ${name}`,
  })

type OpenStore = {
  readonly names: () => readonly string[]
  readonly ensure: (name: string, generate: () => string) => Promise<Secret>
  readonly find: (name: string) => Secret | null
  readonly createMissingError: (name: string) => InputError
  readonly edit: (change: (values: SecretValues) => void) => Promise<void>
}

/** The scopes in place of the store: nothing is made up, in check mode either. */
const useScopes = (scopes: Scopes): OpenStore => ({
  names: () => scopes.names(),
  ensure: async name => scopes.get(name),
  find: name => scopes.find(name),
  createMissingError: name => scopes.createMissingError(name),
  edit: async () => {
    throw scopes.createChangeError()
  },
})

const useStore = (store: Store): OpenStore => ({
  names: () => store.names(),
  ensure: (name, generate) => store.ensure(name, generate),
  find: name => (store.has(name) ? store.get(name) : null),
  createMissingError: name => createMissingError(name, store.names()),
  edit: change => store.change(({ secrets }) => change(secrets)),
})

/** Simulates the store for check mode: its contents, and the changes that the run would make. */
const simulateStore = (store: Store | null): OpenStore => {
  const values: SecretValues = Object.fromEntries(
    (store?.names() ?? []).map(name => [name, store?.get(name).reveal() ?? '']),
  )
  const find = (name: string): Secret | null =>
    Object.hasOwn(values, name) ? new Secret(values[name] ?? '', name) : null
  return {
    names: () => Object.keys(values),
    ensure: async (name, generate) => {
      values[name] ??= generate()
      return find(name) as Secret
    },
    find,
    createMissingError: name => createMissingError(name, Object.keys(values)),
    edit: async change => change(values),
  }
}
