import { createHmac, randomBytes } from 'node:crypto'
import { Secret } from '../secret.ts'
import { generatePassword } from './password.ts'
import type { Store } from './store.ts'

/** Values by their names, to be changed in place. */
export type SecretValues = Record<string, string>

/** The secrets of one run, and the last line of defence against showing one. */
export type Vault = {
  /**
   * The secret of that name; generated into the store on first use. In check mode a missing one is
   * made up, and nothing is written.
   */
  readonly secret: (name: string, generate?: () => string) => Promise<Secret>
  /** The secret of that name, or null where there is none: nothing is generated. */
  readonly find: (name: string) => Promise<Secret | null>
  /**
   * Changes what the store holds in one step, on disk before this returns. In check mode this run
   * alone sees it.
   */
  readonly edit: (change: (values: SecretValues) => void) => Promise<void>
  /**
   * Opens the store. False where there is none, which only check mode may bear: what hmac gives
   * holds for this run alone then.
   */
  readonly keyed: () => Promise<boolean>
  /** An HMAC of a secret under the store's own key, hex: what names and stamps are derived from. */
  readonly hmac: (purpose: string, secret: Secret) => string
  /** Takes every secret that this run has used out of a text. */
  readonly redact: (text: string) => string
}

/**
 * `open` is asked for the store when the first secret is; null: there is none yet, which only check
 * mode may bear.
 */
export const openVault = (open: () => Promise<Store | null>, check: boolean): Vault => {
  // By value: a secret may change its name, and one that is no longer in the store must still not
  // be shown.
  const used = new Map<string, Secret>()
  const passing = randomBytes(32)
  let opening: Promise<OpenStore> | undefined
  let store: Store | null = null
  const held = (): Promise<OpenStore> => {
    opening ??= open().then(found => {
      store = found
      return found !== null && !check ? useStore(found) : simulateStore(found)
    })
    return opening
  }
  const use = (secret: Secret): Secret => {
    used.set(secret.reveal(), secret)
    return secret
  }
  return {
    secret: async (name, generate = generatePassword) =>
      use(await (await held()).ensure(name, generate)),
    find: async name => {
      const found = (await held()).find(name)
      return found && use(found)
    },
    edit: async change => (await held()).edit(change),
    keyed: async () => (await held()) && store !== null,
    hmac: (purpose, secret) =>
      store !== null
        ? store.hmac(purpose, secret)
        : createHmac('sha256', passing).update(`${purpose}\0${secret.reveal()}`).digest('hex'),
    redact: text => {
      let clean = text
      // The longest first: one that begins with another would leave its end behind.
      for (const secret of [...used.values()].sort((a, b) => b.reveal().length - a.reveal().length))
        if (secret.reveal().length > 3) clean = clean.replaceAll(secret.reveal(), secret.toString())
      return clean
    },
  }
}

type OpenStore = {
  readonly ensure: (name: string, generate: () => string) => Promise<Secret>
  readonly find: (name: string) => Secret | null
  readonly edit: (change: (values: SecretValues) => void) => Promise<void>
}

const useStore = (store: Store): OpenStore => ({
  ensure: (name, generate) => store.ensure(name, generate),
  find: name => (store.has(name) ? store.get(name) : null),
  edit: change => store.change(({ secrets }) => change(secrets)),
})

/** What check mode has: the store as it is, and what would be in it by now. */
const simulateStore = (store: Store | null): OpenStore => {
  const values: SecretValues = Object.fromEntries(
    (store?.names() ?? []).map(name => [name, store?.get(name).reveal() ?? '']),
  )
  const find = (name: string): Secret | null =>
    Object.hasOwn(values, name) ? new Secret(values[name] ?? '', name) : null
  return {
    ensure: async (name, generate) => {
      values[name] ??= generate()
      return find(name) as Secret
    },
    find,
    edit: async change => change(values),
  }
}
