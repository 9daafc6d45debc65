import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { labPath } from '../../lib/inventory/lab-home.ts'
import { requireLab } from '../../lib/inventory/lab-state.ts'
import type { Operation } from '../../lib/operation.ts'
import { directory } from '../../lib/operations/directory.ts'
import { docker } from '../../lib/operations/docker.ts'
import { file } from '../../lib/operations/file.ts'
import { mariadb } from '../../lib/operations/mariadb.ts'
import { redis } from '../../lib/operations/redis.ts'
import type { BucketAccess } from '../../lib/operations/s3/signed.ts'
import { s3 } from '../../lib/operations/s3.ts'
import { Secret } from '../../lib/secret.ts'
import { openStore } from '../../lib/secrets/store.ts'
import { skip } from '../../scripts/test/skip.ts'
import { ensureDocker, assertRefused as refusedOn } from '../support/docker-host.ts'
import { type LabHost, openLabHost, settlesLive } from '../support/lab-host.ts'

const sweep = `docker rm --force --volumes brd-data-mariadb brd-data-redis >/dev/null 2>&1 || true
rm -rf /tmp/brd-data /usr/local/bin/mariadb /usr/local/bin/redis-cli`

let host: LabHost
test.before(async () => {
  host = openLabHost('infra-stage')
  await ensureDocker(host)
  host.root(sweep)
})
test.after(async () => {
  host?.root(sweep)
  await host?.end()
})
const settles = (
  title: string,
  make: () => readonly Operation[],
  rest?: Parameters<typeof settlesLive>[3],
) => settlesLive(() => host, title, make, rest)
const refused = (operation: Operation, why: RegExp) => refusedOn(host, operation, why)

const root = new Secret('ro"ot$1', 'root')
const secrets = '/tmp/brd-data'
const servers = () => [
  directory({ path: secrets, mode: '755' }),
  file({ path: `${secrets}/root`, content: root, owner: 999 }),
  file({
    path: `${secrets}/root.cnf`,
    content: new Secret(`[client]\nuser=root\npassword='${root.reveal()}'\n`, 'login'),
    owner: 999,
  }),
  directory({ path: `${secrets}/redis`, owner: 999 }),
  file({
    path: `${secrets}/redis/redis.conf`,
    content: new Secret('requirepass "pa ss\\"w\\\\ord"\nmaxmemory 100mb\n', 'redis.conf'),
    owner: 999,
  }),
  file({
    path: `${secrets}/redis/password`,
    content: new Secret('pa ss"w\\ord\n', 'redis'),
    owner: 999,
  }),
]
const mount = (source: string, target: string) =>
  ({
    type: 'bind',
    source: `${secrets}/${source}` as `/${string}`,
    target: target as `/${string}`,
  }) as const
const mariadbContainer = docker.container({
  name: 'brd-data-mariadb',
  image: 'mariadb:10.11',
  env: { MARIADB_ROOT_PASSWORD_FILE: '/run/secrets/root', MARIADB_ROOT_HOST: 'localhost' },
  mounts: [mount('root', '/run/secrets/root'), mount('root.cnf', '/run/secrets/root.cnf')],
  // As on the task of a service, which is looked for by it.
  labels: { 'com.docker.swarm.service.name': 'brd-data_mariadb' },
  healthcheck: {
    test: ['CMD', 'healthcheck.sh', '--connect', '--innodb_initialized'],
    interval: '1s',
    retries: 90,
  },
  timeoutSeconds: 120,
})
const redisContainer = docker.container({
  name: 'brd-data-redis',
  image: 'redis:7.0',
  command: ['redis-server', '/etc/redis/redis.conf'],
  mounts: [mount('redis', '/etc/redis')],
})
settles('the servers, in containers', () => [...servers(), mariadbContainer, redisContainer])

const inContainer = { container: 'brd-data-mariadb' }
const shop = (more = {}) =>
  mariadb.database({
    ...inContainer,
    name: 'sh`op',
    charset: 'utf8mb4',
    collation: 'utf8mb4_unicode_ci',
    ...more,
  })
const app = { ...inContainer, user: "a'pp", host: '%' }
const user = () =>
  mariadb.user({
    ...app,
    password: new Secret("p'w\\", 'app'),
    grants: { '`sh``op`.*': ['SELECT', 'INSERT'] },
  })
settles(
  'a database, a user, a setting',
  () => [shop(), user(), mariadb.setting({ ...inContainer, name: 'max_connections', value: 77 })],
  {
    kinds: ['changed', 'changed', 'changed'],
  },
)
settles('a database whose character set was changed', () => [shop()], {
  before: `printf 'ALTER DATABASE \`sh\`\`op\` CHARACTER SET latin1' | docker exec -i brd-data-mariadb mariadb --defaults-extra-file=/run/secrets/root.cnf`,
  kinds: ['changed'],
})
const grants = (privileges: string[], more = {}) =>
  mariadb.grants({ ...app, on: 'sh`op', privileges, ...more })
settles(
  'grants on one database, those elsewhere stay',
  () => [grants(['SELECT', 'update', 'GRANT OPTION']), grants(['all'], { on: 'other' })],
  {
    kinds: ['changed', 'changed'],
  },
)
settles('fewer of them', () => [grants(['SELECT']), grants([], { on: 'other' })], {
  kinds: ['changed', 'changed'],
})
settles(
  'grants on columns of a table',
  () => [grants(['SELECT', 'update (price, stock)'], { table: 'goods' })],
  {
    before: `printf 'CREATE TABLE goods (id int, price int, stock int)' | docker exec -i brd-data-mariadb mariadb --defaults-extra-file=/run/secrets/root.cnf 'sh\`op'`,
    kinds: ['changed'],
  },
)
settles(
  'grants on everything',
  () => [grants(['PROCESS', 'RELOAD', 'GRANT OPTION'], { on: '*' })],
  { kinds: ['changed'] },
)
settles('grants on everything, fewer', () => [grants(['PROCESS'], { on: '*' })], {
  kinds: ['changed'],
})
test('a user that is not there', () =>
  refused(grants(['SELECT'], { user: 'nobody' }), /there is no user nobody@%/))
test('a database with tables is not dropped', () =>
  refused(shop({ state: 'absent' }), /it has 1 tables/))
test('a variable that cannot be set', () =>
  refused(mariadb.setting({ ...inContainer, name: 'datadir', value: '/x' }), /read only variable/))
settles(
  'as the task of a service',
  () => [mariadb.database({ service: 'brd-data_mariadb', name: 'served' })],
  { kinds: ['changed'] },
)
// The client of a server on the host itself asks for no login; here it leads to the same server.
settles(
  'as root of the host, by its socket',
  () => [
    mariadb.database({ name: 'local', charset: 'utf8mb4' }),
    shop({ state: 'absent', withTables: true }),
  ],
  {
    before: `printf '#!/bin/sh\\nexec docker exec -i brd-data-mariadb mariadb --defaults-extra-file=/run/secrets/root.cnf "$@"\\n' >/usr/local/bin/mariadb; chmod 755 /usr/local/bin/mariadb`,
    kinds: ['changed', 'changed'],
  },
)

const cache = { container: 'brd-data-redis', passwordFile: '/etc/redis/password' } as const
settles(
  'Redis answers; a parameter, kept in its file',
  () => [redis.ping(cache), redis.setting({ ...cache, name: 'maxmemory', value: '64mb' })],
  {
    kinds: ['ok', 'changed'],
    after: ({ root }) =>
      assert.match(
        root('cat /tmp/brd-data/redis/redis.conf'),
        /^maxmemory 64mb|^maxmemory 67108864/m,
      ),
  },
)
settles(
  'a parameter of several words',
  () => [redis.setting({ ...cache, name: 'save', value: '900 1 60 1000' })],
  { kinds: ['changed'] },
)
test('a Redis whose password is another', async () => {
  host.root('echo wrong >/tmp/brd-data/redis/password')
  await refused(redis.ping(cache), /refuses the login: WRONGPASS/)
  await refused(redis.ping({ container: 'brd-data-redis' }), /refuses the login: NOAUTH/)
})
test('a value that Redis does not take', async () => {
  host.root(`printf '%s\\n' 'pa ss"w\\ord' >/tmp/brd-data/redis/password`)
  await refused(
    redis.setting({ ...cache, name: 'maxmemory-policy', value: 'nonsense' }),
    /ERR .*maxmemory-policy/,
  )
})
test('a server that does not run is no absent database', async () => {
  host.root('docker stop brd-data-redis brd-data-mariadb >/dev/null')
  await refused(
    mariadb.database({ ...inContainer, name: 'x', state: 'absent' }),
    /no container brd-data-mariadb runs/,
  )
  await refused(redis.ping(cache), /no container brd-data-redis runs/)
})

/**
 * The lab's S3 server of one environment: rclone, which checks signatures and keeps buckets and
 * objects, and knows nothing of policies.
 */
const place = () => {
  if (!bucketOfStage) return skip('the lab has no S3')
  return { ...bucketOfStage, region: 'us-east-1', bucket: 'brd-data-test' }
}
let bucketOfStage: Pick<BucketAccess, 'endpoint' | 'accessKey' | 'secretKey'> | null = null
test.before(async () => {
  const endpoint = (await requireLab()).s3?.environments['stage']?.endpoint
  if (!endpoint) return
  const store = await openStore({ path: labPath('secrets.age'), key: labPath('age.key') })
  bucketOfStage = {
    endpoint,
    accessKey: store.get('stage/s3-access-key'),
    secretKey: store.get('stage/s3-secret-key'),
  }
})
const bytes = Buffer.from(Array.from({ length: 200_000 }, (_, i) => (i * 7) % 256))
const object = (content: string | Buffer) =>
  s3.object({ ...place(), key: "a b/ü'(1).bin", content, type: 'application/octet-stream' })
settles('a bucket, and an object in it', () => [s3.bucket(place()), object(bytes)], {
  kinds: ['changed', 'changed'],
})
settles('another content', () => [object('one\n')], { kinds: ['changed'] })
test('keys that are refused', () =>
  refused(
    s3.bucket({ ...place(), secretKey: new Secret('wrong', 'wrong') }),
    /refuses stage\/s3-access-key and wrong/,
  ))
test('what this server does not know', () =>
  refused(s3.bucket({ ...place(), policy: null }), /does not report the bucket's policy/))
settles(
  'both go',
  () => [
    s3.object({ ...place(), key: "a b/ü'(1).bin", state: 'absent' }),
    s3.bucket({ ...place(), state: 'absent' }),
  ],
  {
    kinds: ['changed', 'changed'],
  },
)

test.run()
