import { createHmac, randomBytes } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { InputError } from '../errors/input-error.ts'
import { formatSuggestion } from '../errors/suggest.ts'
import { Secret } from '../secret.ts'
import { type AgeKey, createKey, findKeyFile, readKey, writeKey } from './key.ts'
import { addOffline, type OfflineRecipient } from './offline.ts'
import { generatePassword } from './password.ts'
import { isShared } from './scope.ts'
import { finishChange, lockStore, writeChange } from './scope-files.ts'
import { readSealed, type StoreContents, writeSealed } from './sealed.ts'
import { verifyScopes } from './verify.ts'

/** The file of a store, and that of the key that opens it. */
export interface StoreLocation {
  /** The encrypted file. In the repository: `secrets/brd.age`. */
  readonly path: string
  /** Key file. Default: `BRD_AGE_KEY_FILE`, or `~/.config/brd/age.key`. */
  readonly key?: string | undefined
}

/**
 * Opens a store. Throws an InputError that says what to do if the file or the key is missing, or if
 * the key does not open it.
 */
export const openStore = async ({
  path,
  key: file = findKeyFile(),
}: StoreLocation): Promise<Store> => {
  const key = await readKey(file)
  await finishChange(path)
  const contents = await readSealed(path, key)
  if (!contents)
    throw new InputError({
      place: path,
      message: 'there is no such store',
      next: 'Create it with `npx zx scripts/secrets.ts init`.',
    })
  return new Store(path, key, contents)
}

/**
 * Creates the key and the store if they are missing, and opens the store. A new store also opens
 * for the offline recipients; one that exists is left as it is.
 */
export const initStore = async (
  { path, key: file = findKeyFile() }: StoreLocation,
  offline: readonly OfflineRecipient[] = [],
): Promise<Store> => {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  return lockStore(path, async () => {
    const key = await readKey(file).catch(error =>
      error.cause?.code === 'ENOENT' ? createKeyFile(file) : Promise.reject(error),
    )
    const found = await readSealed(path, key)
    const contents = found ?? createContents(key, offline)
    if (!found) await writeSealed(path, contents)
    return new Store(path, key, contents)
  })
}

const createContents = (
  { recipient }: AgeKey,
  offline: readonly OfflineRecipient[],
): StoreContents => {
  const contents: StoreContents = {
    recipients: [recipient],
    hmacKey: randomBytes(32).toString('base64'),
    secrets: {},
  }
  for (const one of offline) addOffline(contents, one)
  return contents
}

const createKeyFile = async (file: string) => {
  const key = await createKey(file)
  await writeKey(key)
  return key
}

/** The committed secrets. Values leave the store only as a `Secret`, which never prints itself. */
export class Store {
  readonly path: string
  // Private, like the contents: printing a store shows only its path.
  readonly #key: AgeKey
  #contents: StoreContents

  constructor(path: string, key: AgeKey, contents: StoreContents) {
    this.path = path
    this.#key = key
    this.#contents = contents
  }
  /** Lists the names of all secrets, sorted. */
  names(): string[] {
    return Object.keys(this.#contents.secrets).sort()
  }
  /** Lists the recipients that can open the store, as `age1…`. */
  recipients(): readonly string[] {
    return this.#contents.recipients
  }
  /** What else the store holds: its scopes, and what is known of the recipients. */
  facts(): Pick<StoreContents, 'recipients' | 'holders' | 'scopes'> {
    const { recipients, holders, scopes } = this.#contents
    return structuredClone({ recipients, holders, scopes })
  }
  /** Who can read a secret: the store's recipients, and those of each scope that shares it. */
  readersOf(name: string): Pick<StoreContents, 'recipients' | 'holders'> {
    const { recipients, holders = {}, scopes = {} } = this.#contents
    const sharing = Object.values(scopes).filter(({ share }) => isShared(share, name))
    const all = [...recipients, ...sharing.flatMap(scope => scope.recipients)]
    return structuredClone({ recipients: [...new Set(all)], holders })
  }
  /** Says what differs between a scope's files and what they must hold. */
  async verify(): Promise<readonly string[]> {
    return verifyScopes(this.path, this.#key, this.#contents)
  }
  /** The operator's own `age1…`. */
  get recipient(): string {
    return this.#key.recipient
  }
  has(name: string): boolean {
    return Object.hasOwn(this.#contents.secrets, name)
  }
  /** Returns a secret. Throws if it does not exist. */
  get(name: string): Secret {
    if (!this.has(name)) throw this.#unknown(name)
    return new Secret(this.#contents.secrets[name]!, name)
  }
  /** Returns a secret. A missing one is generated (default: a password) and written first. */
  async ensure(
    name: string,
    generate: () => string | Promise<string> = generatePassword,
  ): Promise<Secret> {
    if (this.has(name)) return this.get(name)
    await this.change(async contents => {
      if (!Object.hasOwn(contents.secrets, name)) contents.secrets[name] = await generate()
    })
    return this.get(name)
  }
  /** Sets a secret. */
  async set(name: string, value: string): Promise<void> {
    await this.change(contents => {
      contents.secrets[name] = value
    })
  }
  /** Removes a secret. */
  async remove(name: string): Promise<void> {
    if (!this.has(name)) throw this.#unknown(name)
    await this.change(contents => {
      delete contents.secrets[name]
    })
  }
  /**
   * Applies a change to the contents on disk and writes them durably, under a lock: two processes
   * never lose each other's changes. The scopes follow in the same step.
   */
  async change(edit: (contents: StoreContents) => void | Promise<void>): Promise<void> {
    await lockStore(this.path, async () => {
      const contents = (await readSealed(this.path, this.#key)) ?? structuredClone(this.#contents)
      const before = structuredClone(contents)
      await edit(contents)
      for (const name of Object.keys(contents.secrets)) checkName(name)
      await writeChange({ path: this.path, key: this.#key, before, after: contents })
      this.#contents = contents
    })
  }
  /** Derives a name from a secret without revealing it: HMAC-SHA256 under the store's key, hex. */
  hmac(purpose: string, secret: Secret): string {
    return createHmac('sha256', Buffer.from(this.#contents.hmacKey, 'base64'))
      .update(`${purpose}\0${secret.reveal()}`)
      .digest('hex')
  }
  #unknown(name: string) {
    return new InputError({
      place: this.path,
      message: `contains no secret named ${name}${formatSuggestion(name, this.names())}`,
      next: `Set it with: npx zx scripts/secrets.ts set ${name}`,
    })
  }
}

const checkName = (name: string) => {
  if (!/^[A-Za-z0-9][A-Za-z0-9._/-]*$/.test(name)) {
    throw new InputError({
      message: `"${name}" is not a valid name of a secret`,
      next: 'Use letters, digits, dots, dashes, slashes and underscores.',
    })
  }
}
