import { randomBytes } from 'node:crypto'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeManifestKey } from '../../lib/backups/manifest-key.ts'
import { labPath } from '../../lib/inventory/lab-home.ts'
import { signRequest } from '../../lib/operations/s3/signed.ts'
import { pollUntil } from '../../lib/run/wait-until.ts'
import { Secret } from '../../lib/secret.ts'
import type { DatabaseBackups } from '../../lib/verification/database-backups.ts'
import { askDocker, type DockerCommand, type Ended } from '../../lib/verification/docker-process.ts'
import type { SealedManifest } from '../../lib/verification/read-manifest.ts'
import type { FileBackups } from '../../lib/verification/restic.ts'
import { openThrowaway, type Throwaway } from '../../lib/verification/throwaway.ts'
import { findClient, findEngine } from '../../scripts/lab/engine.ts'
import { provide } from '../../scripts/lab/images/index.ts'
import { backupImages } from '../../scripts/lab/images/workloads.ts'
import { label } from '../../scripts/lab/network.ts'

const ENVIRONMENT = 'stage'
const BUCKET = 'backups'
const PREFIX = `${ENVIRONMENT}/c-1`

/**
 * An environment's database, Redis and files with their backups, beside the hosts of the lab: real
 * but for wal-g, and for what gives keys rights before the S3 server.
 */
export type BackupLab = {
  readonly docker: DockerCommand
  /** The container of Redis. */
  readonly redis: string
  /** Statements for the database, as its administrator; what it answers. */
  readonly sql: (text: string) => Promise<string>
  /** Runs a program in wal-g's container, as its jobs are run. */
  readonly inWalg: (script: string) => Promise<Ended>
  /** Runs a program in restic's container. */
  readonly inRestic: (script: string) => Promise<Ended>
  /** Runs a script where the bucket's objects are files: in its folder. */
  readonly inBucket: (script: string) => Promise<string>
  /** Opens what a database, or files, are restored into. */
  readonly open: (what: 'walg' | 'restic', run?: string) => Promise<Throwaway>
  /** The backups as a verifier knows them. */
  readonly database: (more?: Partial<DatabaseBackups>) => DatabaseBackups
  readonly files: (more?: Partial<FileBackups>) => FileBackups
  /** The store answers, or does not. */
  readonly setStore: (verb: 'pause' | 'unpause') => Promise<void>
  /** Where the bucket is, and the secrets of its backups by their names in a store. */
  readonly store: {
    readonly bucket: string
    readonly endpoint: string
    /** The address of Docker's engine; null: it is the usual one. */
    readonly engine: string | null
    readonly images: { readonly walg: string; readonly restic: string }
    readonly secrets: Readonly<Record<string, string>>
  }
  /** What another process needs to open a throwaway. */
  readonly kit: { readonly docker: DockerCommand; readonly image: string; readonly network: string }
  readonly end: () => Promise<void>
}

const grants = (
  verbs: readonly string[],
  own: Readonly<Record<string, readonly string[]>> = {},
) => ({
  [BUCKET]: { ...Object.fromEntries(verbs.map(verb => [verb, ['']])), ...own },
})

/** What each pair of keys may do; the application's open the assets alone. */
const keys = [
  { accessKey: 'APP', grants: { assets: grants(['get', 'put', 'list', 'delete'])[BUCKET] } },
  { accessKey: 'WRITE', grants: grants(['get', 'put', 'list'], { delete: ['*/locks/'] }) },
  { accessKey: 'READ', grants: grants(['get', 'list']) },
].map(key => ({ ...key, secretKey: `secret of ${key.accessKey}` }))

export const openBackupLab = async (): Promise<BackupLab> => {
  const engine = await findEngine()
  const words = (await findClient()) as readonly string[]
  const docker: DockerCommand = { words }
  const found = await provide({
    docker: engine,
    cache: labPath('images'),
    say: () => {},
    refs: ['brd/walg:3.0.9', 'mariadb:10.11', 'redis:7.0', ...backupImages],
  })
  const image = Object.fromEntries(found.map(({ ref, image }) => [ref.split(':')[0], image]))
  const walg = process.env['BRD_WALG_IMAGE'] ?? image['brd/walg']!
  const id = `brd-backups-${process.pid}`
  const folder = mkdtempSync(join(tmpdir(), 'brd-backups-'))
  const run = async (...args: readonly string[]): Promise<string> => {
    const ended = await askDocker(docker, args, { seconds: 300 })
    if (ended.exitCode !== 0) throw new Error(`docker ${args.join(' ')}: ${ended.stderr}`)
    return ended.stdout
  }
  const secrets = writeSecrets(folder)
  await run('network', 'create', '--label', label, id)
  const start = (name: string, ...args: readonly string[]): Promise<string> =>
    run('run', '--detach', '--label', label, '--name', `${id}-${name}`, '--network', id, ...args)
  await start(
    's3',
    '--network-alias',
    's3',
    '--volume',
    `${folder}:/lab/s3:ro`,
    image['brd/lab-s3']!,
  )
  await start(
    'db',
    ...['--volume', `${id}-data:/var/lib/mysql`, '--volume', `${id}-socket:/run/mysqld`],
    ...['--volume', `${folder}/server.cnf:/etc/mysql/conf.d/brd.cnf:ro`],
    ...['--env', 'MARIADB_ROOT_PASSWORD=root', '--env', 'MARIADB_DATABASE=app', image['mariadb']!],
  )
  await start('redis', '--network-alias', 'redis', image['redis']!)
  const container = (name: string) => `${id}-${name}`
  const sql = async (text: string): Promise<string> => {
    const ended = await askDocker(
      docker,
      [
        ...['exec', '--interactive', container('db'), 'mariadb', '-uroot', '-proot'],
        ...['--default-character-set=utf8mb4', '--batch', '--skip-column-names', 'app'],
      ],
      { input: text, seconds: 120 },
    )
    if (ended.exitCode !== 0) throw new Error(ended.stderr)
    return ended.stdout.trimEnd()
  }
  // By TCP: while the image prepares its data it runs a server that only the socket reaches, and
  // ends it.
  const ask = ['exec', container('db'), 'mariadb-admin', '--host=127.0.0.1', '-uroot', '-proot']
  const isUp = async () =>
    (await askDocker(docker, [...ask, 'ping'], { seconds: 30 })).exitCode === 0
  if (!(await pollUntil(120_000, isUp))) throw new Error('the database does not start')
  const address = (
    await run(
      'inspect',
      '--format',
      '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}',
      container('s3'),
    )
  ).trim()
  const inImage = (name: string, args: readonly string[]) => (script: string) =>
    askDocker(
      docker,
      [
        ...['run', '--rm', '--interactive', '--label', label, '--network', id, '--env', 'TZ=UTC'],
        ...[
          '--env',
          `BRD_ENVIRONMENT=${ENVIRONMENT}`,
          '--volume',
          `${folder}/secrets:/run/secrets:ro`,
        ],
        ...args,
        name,
        ...['bash', '-euc', script],
      ],
      { seconds: 300 },
    )
  return {
    docker,
    redis: container('redis'),
    sql,
    inWalg: inImage(walg, [
      ...['--user', 'mysql', '--volume', `${id}-data:/var/lib/mysql:ro`],
      ...['--volume', `${id}-socket:/run/mysqld`, '--volume', `${id}-walg:/var/lib/walg`],
      ...['--env', `BRD_MANIFESTS=http://s3:9001/${BUCKET}/${PREFIX}/manifests`],
      ...['--env', 'CONTENTS_ROWS=100', '--env', 'CONTENTS_REST=0'],
    ]),
    inRestic: inImage(image['brd/restic']!, [
      ...['--volume', `${id}-files:/app/shared`, '--volume', `${id}-cache:/cache`],
      ...['--env', `RESTIC_REPOSITORY=s3:http://s3:9001/${BUCKET}/${ENVIRONMENT}/files`],
      ...['--env', 'RESTIC_PASSWORD_FILE=/run/secrets/restic', '--env', 'RESTIC_CACHE_DIR=/cache'],
      ...[
        '--env',
        'AWS_SHARED_CREDENTIALS_FILE=/run/secrets/s3',
        '--env',
        'AWS_DEFAULT_REGION=us-east-1',
      ],
    ]),
    inBucket: script =>
      run(
        'exec',
        '--workdir',
        `/data/${ENVIRONMENT}/${BUCKET}`,
        container('s3'),
        'sh',
        '-euc',
        script,
      ),
    open: (what, name = `test-${process.pid}`) =>
      openThrowaway({
        docker,
        image: what === 'walg' ? walg : image['brd/restic']!,
        run: name,
        folders: what === 'walg' ? ['/var/lib/mysql', '/restore'] : ['/restore'],
        user: what === 'walg' ? 'mysql' : 'root',
        network: id,
      }),
    database: more => ({
      environment: ENVIRONMENT,
      secrets: {
        'walg.json': secrets.config('READ', '/dev/shm/walg-key'),
        'walg-key': secrets.walgKey,
      },
      manifestKey: secrets.manifestKey,
      fetchManifest: backup => fetchManifest(address, backup),
      query: 'SELECT COUNT(*) FROM app.orders',
      now: () => new Date(),
      random: Math.random,
      ...more,
    }),
    files: more => ({
      environment: ENVIRONMENT,
      repository: `s3:http://s3:9001/${BUCKET}/${ENVIRONMENT}/files`,
      region: 'us-east-1',
      secrets: {
        restic: new Secret('restic password\n', 'restic'),
        s3: secrets.credentials('READ'),
      },
      lastGroup: null,
      nights: 1,
      now: () => new Date(),
      random: Math.random,
      ...more,
    }),
    store: {
      bucket: BUCKET,
      endpoint: `http://${address}:9001`,
      engine: words.includes('--host') ? (words[words.indexOf('--host') + 1] ?? null) : null,
      images: { walg, restic: image['brd/restic']! },
      secrets: {
        [`${ENVIRONMENT}/backup-read-access-key`]: 'READ',
        [`${ENVIRONMENT}/backup-read-secret-key`]: 'secret of READ',
        [`${ENVIRONMENT}/manifest-public-key`]: secrets.manifestKey,
        [`${ENVIRONMENT}/walg-key`]: secrets.walgKey.reveal(),
        [`${ENVIRONMENT}/restic`]: 'restic password',
      },
    },
    kit: { docker, image: walg, network: id },
    setStore: async verb => {
      await run(verb, container('s3'))
    },
    end: async () => {
      const names = ['s3', 'db', 'redis'].map(container)
      await askDocker(docker, ['rm', '--force', '--volumes', ...names])
      const volumes = ['data', 'socket', 'walg', 'files', 'cache'].map(container)
      await askDocker(docker, ['volume', 'rm', '--force', ...volumes])
      await askDocker(docker, ['network', 'rm', id])
      rmSync(folder, { recursive: true })
    },
  }
}

/** The keys of the store, and the secrets of the environment's services, as files. */
const writeSecrets = (folder: string) => {
  chmodSync(folder, 0o755)
  const write = (name: string, text: string): void =>
    writeFileSync(join(folder, name), text, { mode: 0o644 })
  const walgKey = randomBytes(32).toString('hex')
  const signing = makeManifestKey(randomBytes(32).toString('hex'))
  const config = (access: string, keyFile: string): Secret =>
    new Secret(
      JSON.stringify({
        WALG_S3_PREFIX: `s3://${BUCKET}/${PREFIX}/mariadb`,
        AWS_ENDPOINT: 'http://s3:9001',
        AWS_REGION: 'us-east-1',
        AWS_S3_FORCE_PATH_STYLE: 'true',
        AWS_ACCESS_KEY_ID: access,
        AWS_SECRET_ACCESS_KEY: `secret of ${access}`,
        WALG_MYSQL_DATASOURCE_NAME: 'backup:backup@unix(/run/mysqld/mysqld.sock)/mysql',
        WALG_STREAM_CREATE_COMMAND:
          'mariadb-backup --defaults-extra-file=/run/secrets/backup.cnf --backup ' +
          '--stream=mbstream --datadir=/var/lib/mysql',
        WALG_STREAM_RESTORE_COMMAND: 'mbstream -x -C /var/lib/mysql',
        WALG_MYSQL_BACKUP_PREPARE_COMMAND: 'mariadb-backup --prepare --target-dir=/var/lib/mysql',
        WALG_MYSQL_BINLOG_DST: '/tmp/binlogs',
        WALG_MYSQL_CHECK_GTIDS: 'true',
        WALG_COMPRESSION_METHOD: 'zstd',
        WALG_LIBSODIUM_KEY_PATH: keyFile,
        WALG_LIBSODIUM_KEY_TRANSFORM: 'hex',
      }),
      'walg.json',
    )
  const credentials = (access: string): Secret =>
    new Secret(
      `[default]\naws_access_key_id=${access}\naws_secret_access_key=secret of ${access}\n`,
      's3',
    )
  write('stage.keys', JSON.stringify(keys))
  write('servers', `${ENVIRONMENT} assets,${BUCKET} 9001\n`)
  write(
    'server.cnf',
    `[mariadbd]
socket = /run/mysqld/mysqld.sock
server_id = 7
log_bin = mariadb-bin
log_bin_index = mariadb-bin.index
binlog_format = ROW
gtid_strict_mode = 1
log_slave_updates = 1
`,
  )
  writeSecretFiles(join(folder, 'secrets'), {
    'walg.json': config('WRITE', '/run/secrets/walg-key').reveal(),
    'walg-key': walgKey,
    'backup.cnf': '[client]\nuser=backup\npassword="backup"\nsocket=/run/mysqld/mysqld.sock\n',
    'manifest-key': signing.privateKey,
    'manifest-s3': 'user = "WRITE:secret of WRITE"\n',
    restic: 'restic password\n',
    s3: credentials('WRITE').reveal(),
    'redis-admin': 'redis admin',
  })
  return {
    config,
    credentials,
    walgKey: new Secret(walgKey, 'walg-key'),
    manifestKey: signing.publicKey,
  }
}

const writeSecretFiles = (folder: string, files: Readonly<Record<string, string>>): void => {
  mkdirSync(folder, { mode: 0o755 })
  for (const [name, text] of Object.entries(files))
    writeFileSync(join(folder, name), text, { mode: 0o644 })
}

const fetchManifest = async (address: string, backup: string): Promise<SealedManifest | null> => {
  const get = async (object: string): Promise<Buffer | null> => {
    const place = {
      endpoint: `http://${address}:9001`,
      region: 'us-east-1',
      bucket: BUCKET,
      accessKey: new Secret('READ', 'access'),
      secretKey: new Secret('secret of READ', 'secret'),
    }
    const { url, headers } = signRequest(place, { method: 'GET', object }, new Date())
    const answer = await fetch(url, {
      headers: headers.map(line => line.split(/: (.*)/s).slice(0, 2) as [string, string]),
      signal: AbortSignal.timeout(20_000),
    })
    if (answer.status === 404) return null
    if (!answer.ok) throw new Error(`${answer.status}: ${await answer.text()}`)
    return Buffer.from(await answer.arrayBuffer())
  }
  const encrypted = await get(`${PREFIX}/manifests/${backup}.json.enc`)
  const signature = await get(`${PREFIX}/manifests/${backup}.json.sig`)
  return encrypted && signature && { encrypted, signature }
}
