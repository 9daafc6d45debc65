import type { Bytes } from '../../lib/compose/compose.ts'
import type { Hmac } from '../../lib/compose/names.ts'
import type { Secret } from '../../lib/secret.ts'

export type Image = `${string}:${string}`

/** What a service may use. */
export type Amounts = { readonly memory: Bytes; readonly cpus?: `${number}`; readonly replicas?: number }

export type Services = 'nginx' | 'php' | 'worker' | 'cron' | 'mariadb' | 'redis' | 'walg' | 'restic'

/** The environment's place in S3. */
export type Bucket = { readonly name: string; readonly endpoint: string; readonly region: string }

/** The environment's own secrets; no other environment has one of them. */
export type Secrets = {
  /** MariaDB's administrator, inside its container only. MariaDB reads it when its data are created. */
  readonly root: Secret
  readonly app: Secret
  readonly backup: Secret
  readonly monitor: Secret
  readonly redis: Secret
  /** Redis's administrator: ACL changes, BGSAVE. */
  readonly redisAdmin: Secret
  /** Encrypts restic's repository. */
  readonly restic: Secret
  /** Encrypts wal-g's backups: 64 hex digits. */
  readonly walg: Secret
  readonly accessKey: Secret
  readonly secretKey: Secret
  /** Further ones of the application, by the name of their variable. */
  readonly own: Readonly<Record<string, Secret>>
}

/** An environment of the shop. */
export type Environment = {
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
  /** The swarm's pool of overlay networks: what comes from there as X-Forwarded-For is Traefik's word. */
  readonly pool: string
  /** MTU of its network, where the servers' own carries less than 1500 bytes: that less 50. */
  readonly mtu?: number
  readonly images: Readonly<Record<'app' | 'nginx' | 'mariadb' | 'redis' | 'restic' | 'walg', Image>>
  /** Who pulls the images that a registry asks a login for: the manager is logged in as root, and each deploy hands that to the nodes. Default: nobody has to. */
  readonly registry?: { readonly address: string; readonly user: string; readonly password: Secret }
  readonly services: Readonly<Record<Services, Amounts>>
  /** Requests that a task of php-fpm works on at a time. */
  readonly children: number
  /** Largest upload, in MB. */
  readonly uploads: number
  /** Space that its server's disk must have left before anything is done. */
  readonly free: Bytes
  /** Seconds that a request may take. */
  readonly timeout: number
  /** Name of the database. */
  readonly database: string
  readonly cron: readonly string[]
  /** Works through the queue. Empty: no worker. */
  readonly worker: readonly string[]
  /** Run once before a release serves. Empty: nothing is. */
  readonly release: readonly string[]
  /** Path that answers 200 where the application is well. */
  readonly health: `/${string}`
  /** Further variables of the application. */
  readonly env: Readonly<Record<string, string>>
  readonly bucket: Bucket
  readonly secrets: Secrets
  readonly hmac: Hmac
  /** How it is asked from the manager whether it answers. Default: 127.0.0.1, and the system's CAs. */
  readonly ask?: { readonly via?: string; readonly ca?: `/${string}` }
}
