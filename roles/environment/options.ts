import type { Hmac } from '../../lib/compose/names.ts'
import type { OverlayNetwork } from '../../lib/compose/overlay.ts'
import type { Secret } from '../../lib/secret.ts'
import type { Generations } from '../../lib/secrets/generations.ts'
import type { App, BackupSettings } from './settings.ts'

export type Image = `${string}:${string}`

/** A service of an environment whose amounts can be set. */
export type Services = keyof App['services']

/** The environment's place in S3. */
export type Bucket = { readonly name: string; readonly endpoint: string; readonly region: string }

/** A pair of keys of an S3 server. */
export type KeyPair = { readonly accessKey: Secret; readonly secretKey: Secret }

/** The backups of an environment. */
export type Backups = Pick<BackupSettings, 'keepDays' | 'generation'> & {
  /** When each job runs, in UTC. (An option named `files` would be a mode of files.) */
  readonly schedules: Readonly<Record<'full' | 'binlogs' | 'canary' | 'snapshot' | 'prune', string>>
  /** Where they are; the application's keys do not open it. */
  readonly bucket: Bucket
  /** The environment's cluster. */
  readonly cluster: string
}

/**
 * Secrets that what they open has taken over: each changes there by a rotation, never by being
 * changed in the store.
 */
export const ROTATED_SECRETS = [
  'root',
  'app',
  'backup',
  'monitor',
  'redis',
  'redisAdmin',
  'restic',
  'walg',
] as const
export type RotatedSecret = (typeof ROTATED_SECRETS)[number]

/** The environment's own secrets; no other environment has one of them. */
export type Secrets = {
  /**
   * `root` is MariaDB's administrator, inside its container only; `app`, `backup` and `monitor` are
   * its users. `redis` is the application's password there, `redisAdmin` the
   * administrator's (ACL changes, BGSAVE). `restic` opens restic's repository; `walg` encrypts
   * wal-g's backups: 64 hex digits.
   */
  readonly rotated: Readonly<Record<RotatedSecret, Generations>>
  /** The administrator's password that MariaDB's data are created with, on an empty volume only. */
  readonly first: Secret
  readonly accessKey: Secret
  readonly secretKey: Secret
  /** The backups': `write` puts, gets and lists; `prune` also deletes. */
  readonly backups: Readonly<Record<'write' | 'prune', KeyPair>>
  /** Signs the manifests of the backups: an Ed25519 key as PEM. */
  readonly manifest: Secret
  /** Further ones of the application, by the name of their variable. */
  readonly own: Readonly<Record<string, Secret>>
}

/** An environment of the shop. */
export type EnvironmentOptions = OverlayNetwork &
  Omit<App, 'images' | 'registry' | 'build' | 'secrets'> & {
    /** Unique in its cluster: the prefix of all that belongs to it. */
    readonly name: string
    /** Host names that the cluster's Traefik routes to it. */
    readonly hosts: readonly string[]
    /** Swarm node that holds its volumes and runs its services. */
    readonly node: string
    /** IANA name. */
    readonly timezone: string
    /** The network that its nginx shares with Traefik, and with nobody else. */
    readonly proxy: string
    /**
     * The swarm's pool of overlay networks: what comes from there as X-Forwarded-For is Traefik's
     * word.
     */
    readonly pool: string
    readonly images: Required<App['images']>
    /**
     * Who pulls the images that a registry asks a login for: the manager is logged in as root, and
     * each deploy hands that to the nodes. Default: nobody has to.
     */
    readonly registry?: {
      readonly address: string
      readonly user: string
      readonly password: Secret
    }
    readonly bucket: Bucket
    readonly backups: Backups
    readonly secrets: Secrets
    readonly hmac: Hmac
    /**
     * Those that are being rotated: their value may be another than this host was deployed with.
     * Default none.
     */
    readonly rotating?: readonly RotatedSecret[]
    /**
     * How it is asked from the manager whether it answers. Default: 127.0.0.1, and the system's
     * CAs.
     */
    readonly ask?: { readonly via?: string; readonly ca?: `/${string}` }
  }
