/** The secrets of an environment, by their names in the store. */
import { InputError } from '../../lib/errors/input-error.ts'
import type { Environment as Entry } from '../../lib/inventory/inventory.ts'
import type { Secret } from '../../lib/secret.ts'
import { type Generations, readGenerations } from '../../lib/secrets/generations.ts'
import { generatePassword } from '../../lib/secrets/password.ts'
import type { Vault as Secrets } from '../../lib/secrets/vault.ts'
import { type Environment, HELD, type HeldName } from '../../roles/environment.ts'

/** Where secrets come from: the run's, or names alone. */
export type Vault = Pick<Secrets, 'secret' | 'find' | 'hmac'>

const NAMES: Readonly<Record<HeldName, string>> = {
  root: 'mariadb-root',
  app: 'mariadb-app',
  backup: 'mariadb-backup',
  monitor: 'mariadb-monitor',
  redis: 'redis',
  redisAdmin: 'redis-admin',
  restic: 'restic',
  walg: 'walg-key',
}

/** A secret's name in the store. */
export const storeName = ({ name }: Pick<Entry, 'name'>, key: HeldName): string =>
  `${name}/${NAMES[key]}`

/** The names of the bucket's keys in the store. */
export const keyNames = ({ name, vars: { bucket } }: Pick<Entry, 'name' | 'vars'>) => ({
  accessKey: bucket.accessKey ?? `${name}/s3-access-key`,
  secretKey: bucket.secretKey ?? `${name}/s3-secret-key`,
})

const HEX = '0123456789abcdef'
const hexKey = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(64)), byte => HEX[byte & 15]).join('')

/** Makes a value of such a secret up. */
export const generator = (key: HeldName): (() => string) =>
  key === 'walg' ? hexKey : generatePassword

/** All secrets of an environment. What only its owner knows is never made up. */
export const secretsOf = async (
  entry: Entry,
  vault: Vault,
  own: readonly string[],
): Promise<Environment['secrets']> => {
  const { name } = entry
  const given = (of: string): Promise<Secret> => vault.secret(of, () => missing(of, name))
  const { accessKey, secretKey } = keyNames(entry)
  const held: [HeldName, Generations][] = []
  for (const key of HELD)
    held.push([key, await readGenerations(vault, storeName(entry, key), generator(key))])
  const all = Object.fromEntries(held) as Record<HeldName, Generations>
  return {
    held: all,
    first: (await vault.find(`${all.root.name}.first`)) ?? all.root.now,
    accessKey: await given(accessKey),
    secretKey: await given(secretKey),
    own: Object.fromEntries(
      await Promise.all(own.map(async one => [one, await given(`${name}/${one}`)] as const)),
    ),
  }
}

/** An error that says how the owner gives it. */
export const missing = (secret: string, name: string): never => {
  throw new InputError({
    place: name,
    message: `the secret ${secret} is not in the store`,
    next: `Give it with: npx zx scripts/secrets.ts set ${secret}`,
  })
}
