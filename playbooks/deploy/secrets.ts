/** The secrets of an environment, by their names in the store. */
import { makeManifestKey } from '../../lib/backups/manifest-key.ts'
import { InputError } from '../../lib/errors/input-error.ts'
import type { Environment as Entry } from '../../lib/inventory/inventory.ts'
import { Secret } from '../../lib/secret.ts'
import { type Generations, readGenerations } from '../../lib/secrets/generations.ts'
import { generatePassword } from '../../lib/secrets/password.ts'
import type { Vault as Secrets } from '../../lib/secrets/vault.ts'
import {
  type EnvironmentOptions,
  ROTATED_SECRETS,
  type RotatedSecret,
} from '../../roles/environment.ts'

/** Where secrets come from: the run's, or names alone. */
export type SecretSource = Pick<Secrets, 'secret' | 'find' | 'hmac'>

const NAMES: Readonly<Record<RotatedSecret, string>> = {
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
export const nameStoredSecret = ({ name }: Pick<Entry, 'name'>, key: RotatedSecret): string =>
  `${name}/${NAMES[key]}`

/** The names of the bucket's keys in the store. */
export const nameBucketKeys = ({ name, vars: { bucket } }: Pick<Entry, 'name' | 'vars'>) => ({
  accessKey: bucket.accessKey ?? `${name}/s3-access-key`,
  secretKey: bucket.secretKey ?? `${name}/s3-secret-key`,
})

/** What a pair of the backups' keys may do: `write` never deletes, `prune` also does. */
export type BackupRight = 'write' | 'prune' | 'read'

/** The names of a pair of the backups' keys in the store. */
export const nameBackupKeys = ({ name }: Pick<Entry, 'name'>, right: BackupRight) => ({
  accessKey: `${name}/backup-${right}-access-key`,
  secretKey: `${name}/backup-${right}-secret-key`,
})

/** The name of the key that signs manifests in the store: 64 hex digits, an Ed25519 seed. */
export const nameManifestKey = ({ name }: Pick<Entry, 'name'>): string => `${name}/manifest-key`

/** The name of its public half in the store, PEM: all that a verification needs of it. */
export const nameManifestPublicKey = (entry: Pick<Entry, 'name'>): string =>
  `${entry.name}/manifest-public-key`

/**
 * The store has the public half of the key that signs an environment's manifests. Whoever verifies
 * has that alone, and so cannot sign.
 */
export const publishManifestKey = async (
  entry: Pick<Entry, 'name'>,
  vault: Pick<Secrets, 'find' | 'edit'>,
): Promise<void> => {
  const seed = await vault.find(nameManifestKey(entry))
  if (seed === null) return
  const { publicKey } = makeManifestKey(seed.reveal())
  const name = nameManifestPublicKey(entry)
  if ((await vault.find(name))?.reveal() === publicKey) return
  await vault.edit(values => {
    values[name] = publicKey
  })
}

const HEX = '0123456789abcdef'
const generateHexKey = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(64)), byte => HEX[byte & 15]).join('')

/** Makes a value of such a secret up. */
export const chooseGenerator = (key: RotatedSecret): (() => string) =>
  key === 'walg' ? generateHexKey : generatePassword

/** All secrets of an environment. What only its owner knows is never made up. */
export const readSecrets = async (
  entry: Entry,
  vault: SecretSource,
  own: readonly string[],
): Promise<EnvironmentOptions['secrets']> => {
  const { name } = entry
  const given = (of: string): Promise<Secret> => vault.secret(of, () => refuseMissing(of, name))
  const { accessKey, secretKey } = nameBucketKeys(entry)
  const pair = async (right: BackupRight) => {
    const names = nameBackupKeys(entry, right)
    return {
      accessKey: await given(names.accessKey),
      secretKey: await given(names.secretKey),
    }
  }
  const held: [RotatedSecret, Generations][] = []
  for (const key of ROTATED_SECRETS)
    held.push([
      key,
      await readGenerations(vault, nameStoredSecret(entry, key), chooseGenerator(key)),
    ])
  const all = Object.fromEntries(held) as Record<RotatedSecret, Generations>
  return {
    rotated: all,
    first: (await vault.find(`${all.root.name}.first`)) ?? all.root.now,
    accessKey: await given(accessKey),
    secretKey: await given(secretKey),
    backups: { write: await pair('write'), prune: await pair('prune') },
    manifest: await readManifestKey(entry, vault),
    own: Object.fromEntries(
      await Promise.all(own.map(async one => [one, await given(`${name}/${one}`)] as const)),
    ),
  }
}

const readManifestKey = async (entry: Entry, vault: SecretSource): Promise<Secret> => {
  const seed = await vault.secret(nameManifestKey(entry), generateHexKey)
  if (/^[0-9a-f]{64}$/.test(seed.reveal()))
    return new Secret(makeManifestKey(seed.reveal()).privateKey, `${seed.name} as PEM`)
  throw new InputError({
    place: entry.name,
    message: `the secret ${seed.name} is not 64 hexadecimal digits`,
    next: `Remove it (npx zx scripts/secrets.ts remove ${seed.name}): the next deploy makes one.`,
  })
}

/** An error that says how the owner gives it. */
export const refuseMissing = (secret: string, name: string): never => {
  throw new InputError({
    place: name,
    message: `the secret ${secret} is not in the store`,
    next: `Give it with: npx zx scripts/secrets.ts set ${secret}`,
  })
}
