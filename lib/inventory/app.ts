import * as z from 'zod'
import * as f from './formats.ts'

/** What a service may use. */
const amounts = z.strictObject({
  /** Memory that it may take, as Docker writes it (`512M`). A task over it is killed. */
  memory: f.words.regex(/^\d+[MG]$/, 'is not an amount of memory such as 512M or 2G'),
  /** Processors that it may take, such as '1.5'. Default: all. */
  cpus: f.words.regex(/^\d+(\.\d+)?$/, "is not a number of processors such as '1.5'").optional(),
  /** Tasks that run at a time. Only nginx, php and the worker may have several. Default 1. */
  replicas: z.int().min(1, 'is below 1').optional(),
})

/**
 * Images of an environment, each with a tag, a digest, or both. The digest is what
 * `scripts/images.ts push` says; of one that no registry has (`localhost/…`) it is the
 * image's id, which `carry` says.
 */
const images = z.strictObject({
  /**
   * The application: php-fpm, its queue worker and cron. Required where there is an environment.
   */
  app: f.imageRef.optional(),
  nginx: f.imageRef,
  mariadb: f.imageRef,
  redis: f.imageRef,
  restic: f.imageRef,
  /** wal-g beside the same mariadb-backup as the server has. */
  walg: f.imageRef,
})

/** The registry of the project's own images. Others are pulled from where their names say. */
const registry = z.strictObject({
  /**
   * Its host: what is pushed there has a name that begins with it. Default none: images are carried
   * to the nodes, and named `localhost/…`.
   */
  address: f.registryHost.optional(),
  /**
   * Who logs in there, to push and to pull. Default: whoever is logged in on this machine; and
   * nodes pull without a login.
   */
  user: f.words.optional(),
  /** Name of the secret that is the user's password or token. Default registry/password. */
  password: f.words,
})

/** How the application's image is built. */
const build = z.strictObject({
  /**
   * Folder with its Dockerfile, as seen from the folder of hosts.yaml. Default none: it is built
   * elsewhere.
   */
  context: f.words.optional(),
  /**
   * Arguments of its build, beside RELEASE, which is its tag. Never a password: they stay in the
   * image. Default none.
   */
  arguments: z.record(
    f.words.regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'is not the name of an argument of a build'),
    z.string(),
  ),
})

const command = z.array(f.words)

/**
 * The application, and the services around it. For all environments, or for one; maps merge key by
 * key.
 */
export const app = z.strictObject({
  images,
  registry,
  build,
  /** Memory, processors and tasks of each service. MariaDB and Redis are tuned by their memory. */
  services: z.strictObject({
    nginx: amounts,
    php: amounts,
    worker: amounts,
    cron: amounts,
    mariadb: amounts,
    redis: amounts,
    walg: amounts,
    restic: amounts,
  }),
  /** Requests that a task of php-fpm works on at a time. Default 8. */
  children: z.int().min(1, 'is below 1'),
  /** Largest upload, in MB. Default 64. */
  uploads: z.int().min(1, 'is below 1'),
  /**
   * Space that the server's disk must have left before a deploy begins, as Docker writes it.
   * Default 2G.
   */
  free: f.words.regex(/^\d+[MG]$/, 'is not an amount such as 512M or 2G'),
  /** Seconds that a request may take. Default 60. */
  timeout: z.int().min(1, 'is below 1'),
  /** Name of the database. Default app. */
  database: f.words.regex(
    /^[a-z][a-z0-9_]{0,63}$/,
    'is not the name of a database: a-z, digits and underscores',
  ),
  /**
   * Lines of a crontab, `minute hour day month weekday command`, in the environment's time zone.
   * Default none.
   */
  cron: z.array(
    f.words.regex(
      /^(@\w+|\S+(\s+\S+){4})\s+\S/,
      'is not a line of a crontab: five times and a command',
    ),
  ),
  /** Command that works through the queue. Default: there is no worker. */
  worker: command,
  /** Command that a release runs once before it serves (database migrations). Default none. */
  release: command,
  /** Path that answers 200 where the application is well. Default /health. */
  health: f.words.startsWith('/', 'is not a path: it begins with /'),
  /** Further environment variables of the application. Never a password. Default none. */
  env: z.record(
    f.words.regex(/^[A-Z][A-Z0-9_]*$/, 'is not the name of an environment variable'),
    z.string(),
  ),
  /**
   * Further secrets of the application: NAME is read from ENVIRONMENT/NAME of the store, and its
   * file is in NAME_FILE. Default none.
   */
  secrets: z.array(
    f.words.regex(/^[A-Z][A-Z0-9_]*$/, 'is not the name of an environment variable'),
  ),
})
/** How an environment runs, complete. */
export type App = z.infer<typeof app>

/** What holds where nothing is set. */
export const appDefaults = {
  images: {
    nginx: 'nginx:1.30.4',
    mariadb: 'mariadb:10.11.18',
    redis: 'redis:7.4.11',
    restic: 'restic/restic:0.19.1',
    walg: 'brd/walg:3.0.9',
  },
  registry: { password: 'registry/password' },
  build: { arguments: {} },
  services: {
    nginx: { memory: '128M' },
    php: { memory: '768M' },
    worker: { memory: '256M' },
    cron: { memory: '256M' },
    mariadb: { memory: '1G' },
    redis: { memory: '256M' },
    walg: { memory: '512M' },
    restic: { memory: '512M' },
  },
  children: 8,
  uploads: 64,
  free: '2G',
  timeout: 60,
  database: 'app',
  cron: [],
  worker: [],
  release: [],
  health: '/health',
  env: {},
  secrets: [],
} as const
