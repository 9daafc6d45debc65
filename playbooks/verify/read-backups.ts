/** The backups of an environment as its verification takes them, with the keys that only read. */
import { InputError } from '../../lib/errors/input-error.ts'
import type { Environment as Entry } from '../../lib/inventory/inventory.ts'
import type { LabState } from '../../lib/inventory/lab-state.ts'
import { requireSettings } from '../../lib/inventory/require-settings.ts'
import { Secret } from '../../lib/secret.ts'
import type { Vault } from '../../lib/secrets/vault.ts'
import { fetchManifest } from '../../lib/verification/fetch-manifest.ts'
import type { EnvironmentBackups } from '../../lib/verification/verify-environment.ts'
import { type BackupPlaces, describeBackupPlaces } from '../../roles/environment/backup-places.ts'
import { environmentSettings } from '../../roles/environment/settings.ts'
import { findBackupBucket } from '../deploy/buckets.ts'
import {
  nameBackupKeys,
  nameManifestPublicKey,
  nameStoredSecret,
  refuseMissing,
  type SecretSource,
} from '../deploy/secrets.ts'

/** Where secrets are looked up. None is ever made. */
export type SecretFinder = Pick<SecretSource, 'find'>

/** The same, and it says who else can read them. */
export type SecretReader = SecretFinder & Pick<Vault, 'readers'>

/** Where the backups of an environment are, and what opens them. */
export type FoundBackups = {
  readonly places: BackupPlaces
  /** The images that they are restored in. */
  readonly images: { readonly database: string; readonly files: string }
  /** The names of the secrets in the store. */
  readonly secrets: ReturnType<typeof nameSecrets>
}

/** Says where the backups of an environment are, and with which keys they are read. */
export const locateEntryBackups = async (
  entry: Entry,
  { find }: SecretFinder,
  lab: LabState | null,
): Promise<FoundBackups> => {
  requireSettings([entry], [environmentSettings])
  const { name, cluster, vars } = entry
  const secrets = nameSecrets(entry)
  const resolve = (ref: string): string => lab?.images.find(one => one.ref === ref)?.image ?? ref
  return {
    places: describeBackupPlaces({
      environment: name,
      cluster: cluster.name,
      generation: vars.backups.generation,
      bucket: findBackupBucket(entry, lab),
      walgKey: Number((await find(`${secrets.walg}.generation`))?.reveal() ?? 1),
    }),
    images: {
      database: resolve(vars.app.images.walg),
      files: resolve(vars.app.images.restic),
    },
    secrets,
  }
}

/**
 * Reads the backups of an environment. A secret that the store lacks is an InputError: nothing is
 * made up, since it would open nothing.
 */
export const readBackups = async (
  entry: Entry,
  vault: SecretReader,
  { places, secrets }: FoundBackups,
  lastGroup: number | null,
): Promise<Omit<EnvironmentBackups, 'open'>> => {
  const { name, cluster, vars } = entry
  const read = async (secret: string): Promise<Secret> =>
    (await vault.find(secret)) ?? refuseMissing(secret, name)
  const [accessKey, secretKey] = [await read(secrets.accessKey), await read(secrets.secretKey)]
  const { bucket, endpoint, region } = { ...places.bucket, bucket: places.bucket.name }
  const access = { bucket, endpoint, region, accessKey, secretKey }
  return {
    environment: name,
    cluster: cluster.name,
    notCovered: ['assets'],
    readableBy: await vault.readers(secrets.walg),
    database: {
      secrets: {
        'walg.json': renderWalgConfig(places, { accessKey, secretKey }),
        'walg-key': await read(secrets.walg),
      },
      manifestKey: await readPublicKey(vault, secrets.manifest, name),
      fetchManifest: backup => fetchManifest(access, places.manifestsFolder, backup),
      query: vars.backups.query ?? countTables(vars.app.database),
    },
    files: {
      repository: places.resticRepository,
      region,
      secrets: { restic: await read(secrets.restic), s3: renderCredentials(accessKey, secretKey) },
      lastGroup,
    },
  }
}

/** Each deploy keeps it in the store. */
const readPublicKey = async (
  { find }: SecretFinder,
  secret: string,
  name: string,
): Promise<string> => {
  const found = await find(secret)
  if (found !== null) return found.reveal()
  throw new InputError({
    place: name,
    message: `the secret ${secret} is not in the store`,
    next: `A deploy makes it: npx zx playbooks/deploy-environment.ts --env ${name}`,
  })
}

const nameSecrets = (entry: Entry) => ({
  ...nameBackupKeys(entry, 'read'),
  manifest: nameManifestPublicKey(entry),
  walg: nameStoredSecret(entry, 'walg'),
  restic: nameStoredSecret(entry, 'restic'),
})

type Keys = { readonly accessKey: Secret; readonly secretKey: Secret }

/** wal-g's configuration, for reading alone: it has no login of the database. */
const renderWalgConfig = (
  { walgPrefix, bucket: { endpoint, region } }: BackupPlaces,
  { accessKey, secretKey }: Keys,
): Secret =>
  new Secret(
    JSON.stringify({
      WALG_S3_PREFIX: walgPrefix,
      AWS_ENDPOINT: endpoint,
      AWS_REGION: region,
      AWS_S3_FORCE_PATH_STYLE: 'true',
      AWS_ACCESS_KEY_ID: accessKey.reveal(),
      AWS_SECRET_ACCESS_KEY: secretKey.reveal(),
      WALG_MYSQL_DATASOURCE_NAME: 'nobody@unix(/run/mysqld/mysqld.sock)/mysql',
      WALG_STREAM_RESTORE_COMMAND: 'mbstream -x -C /var/lib/mysql',
      WALG_MYSQL_BACKUP_PREPARE_COMMAND: 'mariadb-backup --prepare --target-dir=/var/lib/mysql',
      WALG_MYSQL_BINLOG_DST: '/tmp/binlogs',
      WALG_COMPRESSION_METHOD: 'zstd',
      WALG_LIBSODIUM_KEY_PATH: '/dev/shm/walg-key',
      WALG_LIBSODIUM_KEY_TRANSFORM: 'hex',
    }),
    `${accessKey.name} in a configuration of wal-g`,
  )

const renderCredentials = (accessKey: Secret, secretKey: Secret): Secret =>
  new Secret(
    [
      '[default]',
      `aws_access_key_id=${accessKey.reveal()}`,
      `aws_secret_access_key=${secretKey.reveal()}`,
      '',
    ].join('\n'),
    `${accessKey.name} as a credentials file`,
  )

/** What every application answers: its database has tables. */
const countTables = (database: string): string =>
  `SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = '${database}'`
