import type { Bucket, EnvironmentOptions } from './options.ts'

/** What the places of an environment's backups depend on. */
export type BackupOrigin = {
  readonly environment: string
  readonly cluster: string
  /** Counts the times that its database was restored, from 1. */
  readonly generation: number
  readonly bucket: Bucket
  /** The number of wal-g's key: what another key has encrypted is never in one folder with it. */
  readonly walgKey: number
}

/** Where the backups of an environment are. */
export type BackupPlaces = {
  readonly bucket: Bucket
  /** wal-g's objects, as a prefix in the bucket that ends with a slash. */
  readonly databaseFolder: string
  /** The manifests of full backups, likewise: `BACKUP.json.enc` and `BACKUP.json.sig`. */
  readonly manifestsFolder: string
  /** restic's repository, likewise. */
  readonly filesFolder: string
  /** wal-g's WALG_S3_PREFIX. */
  readonly walgPrefix: string
  /** The address of the manifests, for brd-manifest's BRD_MANIFESTS. */
  readonly manifestsUrl: string
  /** restic's RESTIC_REPOSITORY. */
  readonly resticRepository: string
}

/** Says where the backups of an environment are. */
export const describeBackupPlaces = ({
  environment,
  cluster,
  generation,
  bucket,
  walgKey,
}: BackupOrigin): BackupPlaces => {
  const database = `${environment}/${cluster}-${generation}`
  const databaseFolder = `${database}/${nameWalgFolder(walgKey)}`
  const files = `${environment}/files`
  const endpoint = bucket.endpoint.replace(/\/+$/, '')
  return {
    bucket,
    databaseFolder: `${databaseFolder}/`,
    manifestsFolder: `${database}/manifests/`,
    filesFolder: `${files}/`,
    walgPrefix: `s3://${bucket.name}/${databaseFolder}`,
    manifestsUrl: `${endpoint}/${bucket.name}/${database}/manifests`,
    resticRepository: `s3:${endpoint}/${bucket.name}/${files}`,
  }
}

/** Says where the backups of an environment are, as it is deployed. */
export const locateBackups = ({ name, backups, secrets }: EnvironmentOptions): BackupPlaces =>
  describeBackupPlaces({
    environment: name,
    cluster: backups.cluster,
    generation: backups.generation,
    bucket: backups.bucket,
    walgKey: secrets.rotated.walg.number,
  })

const nameWalgFolder = (key: number): string => (key === 1 ? 'mariadb' : `mariadb-${key}`)
