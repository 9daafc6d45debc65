import { createHmac, randomBytes } from 'node:crypto'
import { Secret } from '../secret.ts'
import { generatePassword } from './password.ts'
import type { Store } from './store.ts'

/** The secrets of one run, and the last line of defence against showing one. */
export type Vault = {
  /** The secret of that name; generated into the store on first use. In check mode a missing one is made up, and nothing is written. */
  readonly secret: (name: string, generate?: () => string) => Promise<Secret>
  /** Opens the store. False where there is none, which only check mode may bear: what hmac gives holds for this run alone then. */
  readonly keyed: () => Promise<boolean>
  /** An HMAC of a secret under the store's own key, hex: what names and stamps are derived from. */
  readonly hmac: (purpose: string, secret: Secret) => string
  /** Takes every secret that this run has used out of a text. */
  readonly redact: (text: string) => string
}

/** `open` is asked for the store when the first secret is; null: there is none yet, which only check mode may bear. */
export const vault = (open: () => Promise<Store | null>, check: boolean): Vault => {
  const used = new Map<string, Secret>()
  const passing = randomBytes(32)
  let opening: Promise<Store | null> | undefined
  let store: Store | null = null
  const opened = async (): Promise<Store | null> => {
    opening ??= open()
    store = await opening
    return store
  }
  const find = async (name: string, generate: () => string): Promise<Secret> => {
    const store = await opened()
    if (store !== null && (!check || store.has(name))) return store.ensure(name, generate)
    return new Secret(generate(), name)
  }
  return {
    secret: async (name, generate = generatePassword) => {
      const secret = used.get(name) ?? (await find(name, generate))
      used.set(name, secret)
      return secret
    },
    keyed: async () => (await opened()) !== null,
    hmac: (purpose, secret) =>
      store !== null ? store.hmac(purpose, secret) : createHmac('sha256', passing).update(`${purpose}\0${secret.reveal()}`).digest('hex'),
    redact: text => {
      let clean = text
      // The longest first: one that begins with another would leave its end behind.
      for (const secret of [...used.values()].sort((a, b) => b.reveal().length - a.reveal().length))
        if (secret.reveal().length > 3) clean = clean.replaceAll(secret.reveal(), secret.toString())
      return clean
    },
  }
}
