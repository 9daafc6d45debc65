/**
 * The images of an environment and the sample application, run on the lab's engine beside its
 * hosts.
 */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { labPath } from '../../lib/inventory/lab-home.ts'
import { type LabState, readLabState } from '../../lib/inventory/lab-state.ts'
import { pollUntil } from '../../lib/run/wait-until.ts'
import { openStore } from '../../lib/secrets/store.ts'
import { findEngine, type LabDocker } from '../../scripts/lab/engine.ts'
import { label } from '../../scripts/lab/network.ts'
import { skip } from '../../scripts/test/skip.ts'

const prefix = `brd-try-${process.pid}`
const passwords = { root: "r'o\\ot", app: 'app-password', redis: 'redis-password' }
const image = (ref: string) =>
  lab.images.find(one => one.ref === ref)?.image ??
  skip(`the lab has no ${ref}: npx zx scripts/lab.ts up`)

let lab: LabState
let docker: LabDocker
let secrets: string

test.before(async () => {
  lab = (await readLabState()) ?? skip('the lab is down: npx zx scripts/lab.ts up')
  if (!lab.s3) skip('the lab has no S3')
  docker = await findEngine()
  secrets = mkdtempSync(join(tmpdir(), 'brd-try-'))
  chmodSync(secrets, 0o755)
  const store = await openStore({ path: labPath('secrets.age'), key: labPath('age.key') })
  const keys = {
    access: store.get('stage/s3-access-key').reveal(),
    secret: store.get('stage/s3-secret-key').reveal(),
  }
  const files = {
    ...passwords,
    ...keys,
    'redis.conf': `requirepass ${passwords.redis}\nappendonly yes\n`,
  }
  for (const [name, content] of Object.entries(files))
    writeFileSync(join(secrets, name), `${content}\n`)
  await docker(['network', 'create', '--label', label, prefix])
  await start('mariadb', 'mariadb:10.11', {
    MARIADB_ROOT_PASSWORD_FILE: '/run/secrets/root',
    MARIADB_DATABASE: 'app',
    MARIADB_USER: 'app',
    MARIADB_PASSWORD_FILE: '/run/secrets/app',
  })
  await start('redis', 'redis:7.0', {}, ['redis-server', '/run/secrets/redis.conf'])
  assert.ok(
    await pollUntil(
      60_000,
      () => holds('mariadb', 'healthcheck.sh', '--connect', '--innodb_initialized'),
      1000,
    ),
    'MariaDB is not well',
  )
})

test.after(async () => {
  for (const name of ['mariadb', 'redis', 'php', 'worker', 'once'])
    await docker?.(['rm', '--force', '--volumes', `${prefix}-${name}`]).catch(() => '')
  await docker?.(['volume', 'rm', '--force', prefix]).catch(() => '')
  await docker?.(['network', 'rm', prefix]).catch(() => '')
  if (secrets) rmSync(secrets, { recursive: true })
})

const start = (
  name: string,
  ref: string,
  environment: Record<string, string>,
  command: readonly string[] = [],
): Promise<string> => {
  const settings = Object.entries(environment).flatMap(([key, value]) => [
    '--env',
    `${key}=${value}`,
  ])
  const place = [
    '--name',
    `${prefix}-${name}`,
    '--label',
    label,
    '--network',
    prefix,
    '--network-alias',
    name,
  ]
  const volumes = [
    '--volume',
    `${secrets}:/run/secrets:ro`,
    ...(ref.startsWith('brd/') ? ['--volume', `${prefix}:/app/shared`] : []),
  ]
  return docker(['run', '--detach', ...place, ...volumes, ...settings, image(ref), ...command])
}

const application = (name: string, release: string, ...command: string[]): Promise<string> =>
  start(
    name,
    `brd/app:sample-${release}`,
    {
      ENVIRONMENT: 'stage',
      DB_PASSWORD_FILE: '/run/secrets/app',
      REDIS_PASSWORD_FILE: '/run/secrets/redis',
      S3_ENDPOINT: lab.s3?.environments['stage']?.endpoint ?? '',
      S3_BUCKET: lab.s3?.environments['stage']?.bucket ?? '',
      S3_ACCESS_KEY_FILE: '/run/secrets/access',
      S3_SECRET_KEY_FILE: '/run/secrets/secret',
    },
    command,
  )

const inside = (name: string, ...words: string[]) => docker(['exec', `${prefix}-${name}`, ...words])
const holds = (name: string, ...words: string[]) =>
  inside(name, ...words).then(
    () => true,
    () => false,
  )
const remove = (name: string) => docker(['rm', '--force', `${prefix}-${name}`])

/** Runs to its end; what it printed. */
const once = async (release: string, ...command: string[]): Promise<string> => {
  await application('once', release, ...command)
  const code = await docker(['wait', `${prefix}-once`])
  const said = await docker(['logs', `${prefix}-once`])
  await remove('once')
  assert.is(code.trim(), '0', said)
  return said
}

/** A page of the application, asked as nginx asks. */
const page = async (path: string): Promise<{ status: number; body: Record<string, unknown> }> => {
  const [uri, query = ''] = path.split('?')
  const settings = {
    REQUEST_METHOD: 'GET',
    SCRIPT_FILENAME: '/app/public/index.php',
    REQUEST_URI: path,
    SCRIPT_NAME: uri!,
    QUERY_STRING: query,
  }
  const words = Object.entries(settings).map(([key, value]) => `${key}=${value}`)
  const answer = await inside(
    'php',
    'env',
    ...words,
    'cgi-fcgi',
    '-bind',
    '-connect',
    '127.0.0.1:9000',
  )
  const [head = '', ...body] = answer.split(/\r?\n\r?\n/)
  return {
    status: Number(head.match(/^Status: (\d+)/m)?.[1] ?? 200),
    body: JSON.parse(body.join('\n') || 'null'),
  }
}

test('migrations run once for each release, and no second time', async () => {
  assert.match(await once('v1', 'php', '/app/migrate.php'), '"migrated":[1]')
  assert.match(await once('v1', 'php', '/app/migrate.php'), '"migrated":[]')
  assert.match(await once('v2', 'php', '/app/migrate.php'), '"migrated":[2]')
})

test('the application reaches all it needs, writes to each store and counts it', async () => {
  await application('php', 'v1')
  assert.ok(await pollUntil(20_000, () => holds('php', 'healthcheck', 'fpm')))
  assert.is((await page('/healthz')).status, 200)
  const [first, second] = [await page('/'), await page('/')]
  assert.is(second.status, 200)
  assert.is(second.body['page'], Number(first.body['page']) + 1)
  const { body } = await page('/ledger')
  for (const store of ['redis', 'file', 'bucket'])
    assert.is(
      (body[store] as { missing: number }).missing,
      0,
      `${store}: ${JSON.stringify(body[store])}`,
    )
})

test('workers killed in their middle lose no job and do none twice', async () => {
  await page('/jobs?n=2000')
  for (let kills = 0; kills < 3; kills++) {
    await application('worker', 'v1', 'php', '/app/worker.php')
    await pollUntil(600, async () => false)
    await remove('worker')
  }
  await application('worker', 'v1', 'php', '/app/worker.php')
  const jobs = async () =>
    (await page('/ledger')).body['jobs'] as
      | { done: number; queued: number; taken: number; missing: number }
      | undefined
  assert.ok(await pollUntil(60_000, async () => (await jobs())?.done === 2000, 500))
  assert.equal(await jobs(), { enqueued: 2000, queued: 0, taken: 0, done: 2000, missing: 0 })
  assert.ok(await holds('worker', 'healthcheck', 'worker'))
})

test('a request under way ends, and PHP goes on serving, after it was told to stop', async () => {
  const stopped = docker(['stop', '--time', '60', `${prefix}-php`])
  const slow = page('/slow?ms=5000')
  await pollUntil(3000, async () => false)
  assert.is((await page('/livez')).status, 200)
  assert.is((await slow).status, 200)
  await stopped
  assert.is(
    (await docker(['inspect', '--format', '{{.State.ExitCode}}', `${prefix}-php`])).trim(),
    '0',
  )
  await remove('php')
})

test('a broken release is not well, and says why as JSON', async () => {
  await application('php', 'broken')
  assert.ok(
    await pollUntil(20_000, () => holds('php', 'env', 'HEALTH_PATH=/ping', 'healthcheck', 'fpm')),
  )
  assert.not(await holds('php', 'healthcheck', 'fpm'))
  assert.is((await page('/livez').catch(() => null))?.status, 500)
  const said = await once('broken', 'sh', '-c', 'php /app/public/index.php 2>&1 || true')
  assert.equal(pick(JSON.parse(said)), {
    level: 'error',
    kind: 'exception',
    message: 'RuntimeException: this release is broken',
  })
})

const pick = ({ level, kind, message }: Record<string, unknown>) => ({ level, kind, message })

test("one environment's key opens no other's bucket, and a wrong secret none", async () => {
  const other = lab.s3?.environments['feature']
  assert.ok(other)
  const ask = (endpoint: string, secret: string) =>
    once(
      'v1',
      'env',
      `S3_ENDPOINT=${endpoint}`,
      `S3_BUCKET=${other?.bucket}`,
      ...(secret ? [`S3_SECRET_KEY=${secret}`] : []),
      'php',
      '-r',
      'require "/app/src/load.php"; try { bucket()->check(); echo "open"; } catch (RuntimeException $error) { echo $error->getMessage(); }',
    )
  assert.match(await ask(other?.endpoint ?? '', ''), 'status 403 InvalidAccessKeyId')
  assert.match(
    await ask(lab.s3?.environments['stage']?.endpoint ?? '', 'wrong'),
    'status 403 SignatureDoesNotMatch',
  )
})

test.run()
