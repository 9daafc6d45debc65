import * as z from 'zod'
import type { Bytes } from '../../lib/compose/compose.ts'
import { declareSettings, format } from '../../lib/settings.ts'

/** What a service may use. */
const makeAmounts = (memory: Bytes) =>
  z.strictObject({
    /** Memory that it may take, as Docker writes it (`512M`). A task over it is killed. */
    memory: format
      .narrow<Bytes>(
        format.words.regex(/^\d+[MG]$/, 'is not an amount of memory such as 512M or 2G'),
      )
      .default(memory),
    /** Processors that it may take, such as '1.5'. Default: all. */
    cpus: format
      .narrow<`${number}`>(
        format.words.regex(/^\d+(\.\d+)?$/, "is not a number of processors such as '1.5'"),
      )
      .exactOptional(),
    /** Tasks that run at a time. Only nginx, php and the worker may have several. Default 1. */
    replicas: z.int().min(1, 'is below 1').exactOptional(),
  })

/**
 * Images of an environment, each with a tag, a digest, or both. The digest is what
 * `scripts/images.ts push` says; of one that no registry has (`localhost/…`) it is the
 * image's id, which `carry` says.
 */
const images = z.strictObject({
  /** The application: php-fpm, its queue worker and cron. Required to deploy. */
  app: format.imageRef.exactOptional(),
  /** nginx, which takes the requests. */
  nginx: format.imageRef.default('nginx:1.30.4'),
  /** The database. */
  mariadb: format.imageRef.default('mariadb:10.11.18'),
  /** Redis, which the application uses. */
  redis: format.imageRef.default('redis:7.4.11'),
  /** restic, which backs up the application's files and Redis. */
  restic: format.imageRef.default('brd/restic:1'),
  /** wal-g beside the same mariadb-backup as the server has. */
  walg: format.imageRef.default('brd/walg:3.0.9'),
})

/** The registry of the project's own images. Others are pulled from where their names say. */
const registry = z.strictObject({
  /**
   * Its host: what is pushed there has a name that begins with it. Default none: images are carried
   * to the nodes, and named `localhost/…`.
   */
  address: format.registryHost.exactOptional(),
  /**
   * Who logs in there, to push and to pull. Default: whoever is logged in on this machine; and
   * nodes pull without a login.
   */
  user: format.words.exactOptional(),
  /** Name of the secret that is the user's password or token. Default registry/password. */
  password: format.words.default('registry/password'),
})

/** How the application's image is built. */
const build = z.strictObject({
  /**
   * Folder with its Dockerfile, as seen from the folder of hosts.yaml. Default none: it is built
   * elsewhere.
   */
  context: format.words.exactOptional(),
  /**
   * Arguments of its build, beside RELEASE, which is its tag. Never a password: they stay in the
   * image. Default none.
   */
  arguments: z
    .record(
      format.words.regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'is not the name of an argument of a build'),
      z.string(),
    )
    .default({}),
})

const command = z.array(format.words)

/**
 * The application, and the services around it. For all environments, or for one; maps merge key by
 * key.
 */
const app = z.strictObject({
  images,
  registry,
  build,
  /** Memory, processors and tasks of each service. MariaDB and Redis are tuned by their memory. */
  services: z.strictObject({
    /** nginx. */
    nginx: makeAmounts('128M'),
    /** The application under php-fpm. */
    php: makeAmounts('768M'),
    /** The worker of the queue. */
    worker: makeAmounts('256M'),
    /** The application's cron. */
    cron: makeAmounts('256M'),
    /** The database. */
    mariadb: makeAmounts('1G'),
    /** Redis. */
    redis: makeAmounts('256M'),
    /** wal-g, which backs up the database. */
    walg: makeAmounts('512M'),
    /** restic, which backs up the application's files. */
    restic: makeAmounts('512M'),
  }),
  /** Requests that a task of php-fpm works on at a time. Default 8. */
  children: z.int().min(1, 'is below 1').default(8),
  /** Largest upload, in MB. Default 64. */
  uploads: z.int().min(1, 'is below 1').default(64),
  /**
   * Space that the server's disk must have left before a deploy begins, as Docker writes it.
   * Default 2G.
   */
  free: format
    .narrow<Bytes>(format.words.regex(/^\d+[MG]$/, 'is not an amount such as 512M or 2G'))
    .default('2G'),
  /** Seconds that a request may take. Default 60. */
  timeout: z.int().min(1, 'is below 1').default(60),
  /** Name of the database. Default app. */
  database: format.words
    .regex(/^[a-z][a-z0-9_]{0,63}$/, 'is not the name of a database: a-z, digits and underscores')
    .default('app'),
  /**
   * Lines of a crontab, `minute hour day month weekday command`, in the environment's time zone.
   * Default none.
   */
  cron: z
    .array(
      format.words.regex(
        /^(@\w+|\S+(\s+\S+){4})\s+\S/,
        'is not a line of a crontab: five times and a command',
      ),
    )
    .default([]),
  /** Command that works through the queue. Default: there is no worker. */
  worker: command.default([]),
  /** Command that a release runs once before it serves (database migrations). Default none. */
  release: command.default([]),
  /** Path that answers 200 if the application is well. Default /health. */
  health: format
    .narrow<`/${string}`>(format.words.startsWith('/', 'is not a path: it begins with /'))
    .default('/health'),
  /** Further environment variables of the application. Never a password. Default none. */
  env: z
    .record(
      format.words.regex(/^[A-Z][A-Z0-9_]*$/, 'is not the name of an environment variable'),
      z.string(),
    )
    .default({}),
  /**
   * Further secrets of the application: NAME is read from ENVIRONMENT/NAME of the store, and its
   * file is in NAME_FILE. Default none.
   */
  secrets: z
    .array(format.words.regex(/^[A-Z][A-Z0-9_]*$/, 'is not the name of an environment variable'))
    .default([]),
})

const bucketName = format.words.regex(
  /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/,
  'is not the name of a bucket',
)

const bucket = z.strictObject({
  /** Its name. Required. */
  name: bucketName,
  /** Address of the S3 server. Default: AWS. */
  endpoint: format.url.exactOptional(),
  /** Its region. Default us-east-1. */
  region: format.words.default('us-east-1'),
  /** Name of the secret that is its access key. Default ENVIRONMENT/s3-access-key. */
  accessKey: format.words.exactOptional(),
  /** Name of the secret that is its secret key. Default ENVIRONMENT/s3-secret-key. */
  secretKey: format.words.exactOptional(),
})

const schedule = (value: string) =>
  format.words
    .regex(
      /^(@\w+|\S+(\s+\S+){4})$/,
      'is not a schedule of cron: minute hour day month weekday, such as 0 1 * * *',
    )
    .default(value)

/** The backups of an environment: where they are, when they run, and how long they are kept. */
const backups = z.strictObject({
  /** The bucket of the backups, which the application's keys do not open. */
  bucket: z.strictObject({
    /** Its name. Required, and not that of the assets' bucket. */
    name: bucketName,
    /** Address of the S3 server. Default: that of the assets' bucket. */
    endpoint: format.url.exactOptional(),
    /** Its region. Default: that of the assets' bucket. */
    region: format.words.exactOptional(),
  }),
  /** Days that can be restored. Default 35. */
  keepDays: z.int().min(1, 'is below 1').default(35),
  /**
   * Counts the times that the database was restored: a restored server never writes where the one
   * before wrote. Default 1.
   */
  generation: z.int().min(1, 'is below 1').default(1),
  /**
   * A statement that a verification asks the restored database: it must answer a row that is not
   * 0. Default: how many tables the database has.
   */
  query: format.words.exactOptional(),
  /** When each job runs, `minute hour day month weekday`, in UTC. */
  schedules: z.strictObject({
    /** A full backup of the database, with its manifest. */
    full: schedule('0 1 * * *'),
    /** The binary logs up to then: what is lost at most. */
    binlogs: schedule('*/5 * * * *'),
    /** A row whose age after a restore is what was lost. */
    canary: schedule('* * * * *'),
    /** The application's files and Redis. */
    files: schedule('30 1 * * *'),
    /** Removes what is older than `keepDays`. */
    prune: schedule('0 4 * * *'),
  }),
})

/** An environment of the shop. */
export const environmentSettings = declareSettings({
  role: 'environment',
  settings: { app },
  environment: {
    /** Its application and services, over what holds for all. */
    app,
    /** Time zone of its services, an IANA name. Default: the server's. */
    timezone: format.timeZone,
    /** Host names that reach it. At least one. */
    hosts: z.array(format.dnsName).min(1, 'is empty: an environment needs a host name'),
    /** S3 bucket of its assets. Required. */
    bucket,
    /** Its backups. */
    backups,
  },
})

/** How an environment runs, complete. */
export type App = Readonly<z.infer<typeof app>>
/** Memory, processors and tasks of a service. */
export type Amounts = Readonly<App['services']['nginx']>
/** S3 bucket of an environment's assets. */
export type BucketSettings = Readonly<z.infer<typeof bucket>>
/** Backups of an environment. */
export type BackupSettings = Readonly<z.infer<typeof backups>>
