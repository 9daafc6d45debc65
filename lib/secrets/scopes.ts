import { createHmac } from 'node:crypto'
import { existsSync } from 'node:fs'
import { parse } from 'yaml'
import { followLink } from '../disk/follow-link.ts'
import { InputError } from '../errors/input-error.ts'
import { formatNames, formatSuggestion } from '../errors/suggest.ts'
import { Secret } from '../secret.ts'
import { type AgeKey, findKeyFile, readKey } from './key.ts'
import { isShared } from './scope.ts'
import { listScopeFiles, locateScope, readList } from './scope-files.ts'
import { AccessError, readSealedScope, type ScopeContents } from './sealed.ts'
import { openStore, type Store, type StoreLocation } from './store.ts'

/**
 * Opens the store, or, if the key does not open it or it is not there, the scopes that the key
 * opens. Throws the store's error if it opens no scope.
 */
export const openSecrets = async (where: StoreLocation): Promise<Store | Scopes> => {
  try {
    return await openStore(where)
  } catch (error) {
    const isForScopes = error instanceof AccessError || !existsSync(await followLink(where.path))
    const scopes = isForScopes ? await openScopes(where) : null
    if (scopes !== null) return scopes
    throw error
  }
}

/** Opens the scopes that the key opens; null if it opens none. */
const openScopes = async ({ path, key: file = findKeyFile() }: StoreLocation) => {
  const key = await readKey(file)
  const [opened, closed]: [ScopeContents[], Map<string, readonly string[]>] = [[], new Map()]
  for (const name of await listScopeFiles(path)) {
    const at = await locateScope(path, name)
    const found = await readSealedScope(at.sealed, name, key).catch(error => {
      if (!(error instanceof AccessError)) throw error
      return null
    })
    if (found) opened.push(found)
    else closed.set(name, parseShare((await readList(at.list)) ?? ''))
  }
  return opened.length > 0 ? new Scopes({ path, key, opened, closed }) : null
}

/** The list beside a scope is plain text that anybody can edit: it only helps a message. */
const parseShare = (text: string): readonly string[] => {
  try {
    const { share } = parse(text) as { share: unknown }
    return Array.isArray(share) ? share.filter(one => typeof one === 'string') : []
  } catch {
    return []
  }
}

type Opening = {
  readonly path: string
  readonly key: AgeKey
  readonly opened: readonly ScopeContents[]
  readonly closed: ReadonlyMap<string, readonly string[]>
}

/** The scopes that a key opens which does not open the store. They are read, never written. */
export class Scopes {
  // Private: printing it shows nothing.
  readonly #opening: Opening

  constructor(opening: Opening) {
    this.#opening = opening
  }
  /** Lists the scopes that are open. */
  scopes(): string[] {
    return this.#opening.opened.map(({ scope }) => scope)
  }
  /** Lists the names of their secrets, sorted. */
  names(): string[] {
    const names = this.#opening.opened.flatMap(({ secrets }) => Object.keys(secrets))
    return [...new Set(names)].sort()
  }
  /** The operator's own `age1…`. */
  get recipient(): string {
    return this.#opening.key.recipient
  }
  /** What an open scope holds besides its secrets. */
  facts(scope: string): Pick<ScopeContents, 'recipients' | 'holders' | 'share'> {
    const { recipients, holders, share } = this.#find(scope)
    return structuredClone({ recipients, holders, share })
  }
  /** Who can read a secret, as far as the open scopes that have it say. */
  readersOf(name: string): Pick<ScopeContents, 'recipients' | 'holders'> {
    const having = this.#opening.opened.filter(({ secrets }) => Object.hasOwn(secrets, name))
    const recipients = [...new Set(having.flatMap(scope => scope.recipients))]
    return structuredClone({
      recipients,
      holders: Object.assign({}, ...having.map(({ holders }) => holders)),
    })
  }
  /** Lists the names of the secrets of one scope, sorted. */
  namesOf(scope: string): string[] {
    return Object.keys(this.#find(scope).secrets).sort()
  }
  /**
   * Returns a secret, or null if the store has none of that name. Throws if no open scope would
   * have it: then it is not known whether there is one.
   */
  find(name: string): Secret | null {
    const found = this.#opening.opened.find(({ secrets }) => Object.hasOwn(secrets, name))
    if (found) return new Secret(found.secrets[name]!, name)
    if (this.#opening.opened.some(({ share }) => isShared(share, name))) return null
    throw this.#createClosedError(name)
  }
  /** Returns a secret. Throws an InputError that says which file has it and how to get it. */
  get(name: string): Secret {
    const found = this.find(name)
    if (found === null) throw this.createMissingError(name)
    return found
  }
  /** The error of a secret that an open scope would have if there were one. */
  createMissingError(name: string): InputError {
    return new InputError({
      message:
        `the secret ${name} is not in ${this.describe()}, which would have it` +
        formatSuggestion(name, this.names()),
      next: `Whoever opens ${this.#opening.path} sets it: npx zx scripts/secrets.ts set ${name}`,
    })
  }
  /** The error of a change: only whoever opens the store writes it and its scopes. */
  createChangeError(): InputError {
    return new InputError({
      message:
        `the key ${this.#opening.key.path} opens ${this.describe()} only, ` + 'and changes nothing',
      next:
        `Whoever opens ${this.#opening.path} makes the change. For another key of yours: ` +
        'add-recipient age1… --scope NAME, then remove-recipient of the old one.',
    })
  }
  /** Derives a name from a secret, as a store does, under the key of the first scope. */
  hmac(purpose: string, secret: Secret): string {
    return createHmac('sha256', Buffer.from(this.#opening.opened[0]!.hmacKey, 'base64'))
      .update(`${purpose}\0${secret.reveal()}`)
      .digest('hex')
  }
  /** Names what is open: `the scope verification`. */
  describe(): string {
    const names = this.scopes()
    return `the scope${names.length > 1 ? 's' : ''} ${formatNames(names)}`
  }
  #find(scope: string): ScopeContents {
    const found = this.#opening.opened.find(one => one.scope === scope)
    if (found) return found
    throw new InputError({
      message: `the key ${this.#opening.key.path} opens ${this.describe()} only, not ${scope}`,
      next:
        'Ask another recipient to run: npx zx scripts/secrets.ts add-recipient ' +
        `${this.recipient} --scope ${scope}`,
    })
  }
  #createClosedError(name: string): InputError {
    const { opened, closed, path, key } = this.#opening
    const other = [...closed].find(([, share]) => isShared(share, name))?.[0]
    return new InputError({
      message:
        `the secret ${name} is not in ${this.describe()}, which is all that the key ${key.path} ` +
        `opens; it is in ${other === undefined ? path : `the scope ${other}`}`,
      next:
        (other === undefined ? '' : 'Use a key of that scope (BRD_AGE_KEY_FILE). ') +
        `Whoever opens ${path} shares it: npx zx scripts/secrets.ts share ${name} ` +
        `--scope ${opened[0]!.scope}`,
    })
  }
}
