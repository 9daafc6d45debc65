import { toScriptError } from '../errors/script-error.ts'
import type { Secret } from '../secret.ts'
import type { MadeSecret, Vault } from '../secrets/vault.ts'
import { checkInScript } from './calls.ts'

/** What a run has of the store. */
export class RunSecrets {
  readonly #vault: Vault
  readonly #tellMade: (made: MadeSecret) => void

  constructor(vault: Vault, tellMade: (made: MadeSecret) => void) {
    this.#vault = vault
    this.#tellMade = tellMade
  }

  /**
   * Returns the secret of that name, generated into the store on first use; in check mode it gets
   * a temporary value. The recap says which are new. A store that cannot be opened ends the script:
   * ask before the first play. For what nobody can make up, such as a certificate: `givenSecret`.
   */
  async secret(name: string, generate?: () => string): Promise<Secret> {
    checkInScript('run.secret', { name })
    const secret = await this.#vault.secret(name, generate).catch(rethrow)
    for (const made of this.#vault.takeMade()) this.#tellMade(made)
    return secret
  }

  /**
   * Returns the secret of that name, which somebody must have put into the store. One that is not
   * there ends the script, in check mode too, and the message says how to set it.
   */
  givenSecret(name: string): Promise<Secret> {
    checkInScript('run.givenSecret', { name })
    return this.#vault.given(name).catch(rethrow)
  }

  /** Returns the secret of that name, or null if it does not exist. */
  readonly find: Vault['find'] = name => {
    checkInScript('run.find', { name })
    return this.#vault.find(name).catch(rethrow)
  }

  /** Says who can read a secret: `Readable by anna, paper (never used)`. Null without a store. */
  readonly readers: Vault['readers'] = name => this.#vault.readers(name).catch(rethrow)

  /**
   * Changes the store in one step, on disk before this returns; in check mode for this run alone.
   */
  readonly edit: Vault['edit'] = change => this.#vault.edit(change).catch(rethrow)

  /** Computes an HMAC of a secret under the store's key: for names and stamps. */
  readonly hmac = (purpose: string, secret: Secret): string => this.#vault.hmac(purpose, secret)
}

const rethrow = (error: unknown): never => {
  throw toScriptError(error)
}
