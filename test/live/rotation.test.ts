/** Secrets of an environment whose server is not its cluster's manager. */
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Event, Outcome } from '../../lib/events.ts'
import { labPath } from '../../lib/inventory/lab-home.ts'
import { requireLab } from '../../lib/inventory/lab-state.ts'
import { signRequest } from '../../lib/operations/s3/signed.ts'
import { openStore, type Store } from '../../lib/secrets/store.ts'
import { getFromLab } from '../../scripts/lab/reach.ts'
import { issueKeys, revokeKeys } from '../../scripts/lab/s3/keys.ts'
import { skip } from '../../scripts/test/skip.ts'
import { openLabHost } from '../support/lab-host.ts'
import { assertAllAnswered, withLoad } from '../support/load.ts'
import { parseEvents, root, waitUntil, zxArguments } from '../support/run-playbook.ts'
import { runInTask as insideOf, type ServiceServers } from '../support/service-task.ts'

const ENV = 'old-prod'
const CLUSTER = 'brd-infra-old'
const SITE = 'https://old-prod.brd.example'
// Nothing but PHP; all that the application reaches; and a row, a key, a line and an object each
// time.
const PAGES = ['/livez', '/healthz', '/'].map(page => `${SITE}${page}`)
const DATA = `${ENV}-data`

type Ran = { readonly code: number | null; readonly all: readonly Event[]; readonly text: string }

/** Plays a playbook on the lab; `seen` hears each event as it comes. */
const ran = (
  script: string,
  flags: readonly string[],
  seen: (event: Event, child: ChildProcess) => void = () => {},
): Promise<Ran> => {
  const child = spawn(
    process.execPath,
    [...zxArguments(`playbooks/${script}.ts`), '--lab', '--json', ...flags],
    {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  )
  let [text, said] = ['', '']
  child.stdout.on('data', (chunk: Buffer) => {
    const from = text.lastIndexOf('\n') + 1
    text += chunk
    for (const line of text.slice(from, text.lastIndexOf('\n') + 1).split('\n'))
      if (line) seen(JSON.parse(line), child)
  })
  child.stderr.on('data', (chunk: Buffer) => {
    said += chunk
  })
  return new Promise(resolve =>
    child.on('close', code => resolve({ code, all: parseEvents(whole(text)), text: said + text })),
  )
}
const whole = (text: string): string => text.slice(0, text.lastIndexOf('\n') + 1)

/** The application has a secret of its own. */
const OWN = ['-e', '{"app":{"secrets":["SHOP_KEY"]}}']
const rotate = (words: string, ...flags: string[]) =>
  ran('rotate', ['--env', ENV, '--secret', words, ...OWN, ...flags])
const deploy = (...flags: string[]) => ran('deploy-environment', ['--env', ENV, ...OWN, ...flags])

/** The environment runs; its cluster is raised first where it was not. */
const deployed = async (): Promise<void> => {
  if ((await deploy()).code === 0) return
  const raised = await ran('bootstrap', ['--cluster', CLUSTER])
  assert.is(raised.code, 0, failures(raised))
  const run = await deploy()
  assert.is(run.code, 0, failures(run))
}

/** The same, killed where it stands once this operation has begun. */
const killed = (words: string, kind: string): Promise<Ran> => {
  const listed: string[] = []
  return ran('rotate', ['--env', ENV, '--secret', words, ...OWN, '--generate'], (event, child) => {
    if (event.type === 'host-listed')
      listed.push(...event.ops.map(({ kind, name }) => `${kind} ${name}`))
    if (event.type === 'op-started' && listed[event.op]?.startsWith(kind)) child.kill('SIGKILL')
  })
}

const outcomes = ({ all }: Ran): Outcome[] =>
  all.flatMap(event => (event.type === 'op-settled' ? [event.outcome] : []))
const failures = (run: Ran): string =>
  JSON.stringify(outcomes(run).filter(({ is }) => is === 'failed')) + run.text.slice(-1500)
const store = (): Promise<Store> =>
  openStore({ path: labPath('secrets.age'), key: labPath('age.key') })

const inside = (service: string, script: string, value = ''): string =>
  insideOf(servers, service, script, value)
const login = (user: string, way: string) =>
  `cat >/dev/shm/t && mariadb --defaults-extra-file=/dev/shm/t --user=${user} ${way} -N -e "SELECT 1"; rm /dev/shm/t`
const tcp = '--host=127.0.0.1 --protocol=tcp'
const client = (password: string): string =>
  `[client]\npassword=${password}\nsocket=/run/mysqld/mysqld.sock\n`

/** Whether each of these old values still opens what it opened. */
const tried = (values: Readonly<Record<string, string>>): Record<string, string> => ({
  app: inside(`${DATA}_mariadb`, login('app', tcp), client(values['mariadb-app'] ?? '')),
  backup: inside(`${DATA}_mariadb`, login('backup', ''), client(values['mariadb-backup'] ?? '')),
  monitor: inside(
    `${DATA}_mariadb`,
    login('monitor', tcp),
    client(values['mariadb-monitor'] ?? ''),
  ),
  root: inside(`${DATA}_mariadb`, login('root', ''), client(values['mariadb-root'] ?? '')),
  redis: inside(`${DATA}_redis`, 'redis-cli', `AUTH default ${values['redis']}\n`),
  admin: inside(`${DATA}_redis`, 'redis-cli', `AUTH admin ${values['redis-admin']}\n`),
  restic: inside(
    `${ENV}_restic`,
    'cat >/dev/shm/t; restic --password-file /dev/shm/t cat config; rm /dev/shm/t',
    values['restic'],
  ),
})
const tasks = (): string[] =>
  ['mariadb', 'redis'].map(of =>
    servers.manager.root(`docker service ps --quiet --no-trunc ${DATA}_${of} | head -n 1`),
  )

/** What the bucket answers to a pair of keys: those in force, `.next` or `.previous`. */
const tryKeys = async (suffix: '.next' | '.previous'): Promise<number> => {
  const { endpoint = '', bucket = '' } = (await requireLab()).s3?.environments[ENV] ?? {}
  const secrets = await store()
  const pair = {
    accessKey: secrets.get(`${ENV}/s3-access-key${suffix}`),
    secretKey: secrets.get(`${ENV}/s3-secret-key${suffix}`),
  }
  const { url, headers } = signRequest(
    { endpoint, bucket, region: 'us-east-1', ...pair },
    { method: 'GET', query: [['list-type', '2']] },
    new Date(),
  )
  const { status } = await getFromLab(url, {
    headers: Object.fromEntries(headers.map(header => header.split(': ') as [string, string])),
  })
  return status
}
/** The lab's server is away for a moment while another with the new keys takes over. */
const answers = (suffix: '.next' | '.previous', status: number): Promise<void> =>
  waitUntil(
    `the bucket answers ${status} to the ${suffix} keys`,
    async () => (await tryKeys(suffix).catch(() => 0)) === status,
    30,
  )

/**
 * A second pair of keys is issued for the bucket, and good: false if the lab's S3 was raised before
 * it could do that.
 */
const secondPair = async (): Promise<boolean> => {
  if (!existsSync(labPath('s3'))) return false
  await issueKeys(ENV)
  await answers('.next', 200)
  return true
}

const test = suite('rotation')
let servers: ServiceServers
let s3 = false
test.before(async () => {
  const { s3: buckets, images } = await requireLab()
  if (!buckets) skip('the lab has no S3 server')
  if (!images.some(({ ref }) => ref === 'brd/app:sample-v1'))
    skip('the lab has no sample application')
  await (await store()).set(`${ENV}/SHOP_KEY`, 'as it was')
  await deployed()
  servers = { manager: openLabHost('old-one'), server: openLabHost('old-two') }
  s3 = await secondPair()
})
test.after(async () => {
  await servers?.manager.end()
  await servers?.server.end()
})

test('a value changed only in the store is refused, with the command that rotates it', async () => {
  const [secrets, name] = [await store(), `${ENV}/mariadb-app`]
  const right = secrets.get(name).reveal()
  await secrets.set(name, 'changed by hand')
  try {
    for (const flags of [['--check'], []]) {
      const run = await deploy(...flags)
      assert.is(run.code, 2, run.text.slice(-1000))
      assert.match(
        run.text,
        new RegExp(
          'mariadb-app was changed in the store only.*' +
            String.raw`npx zx playbooks/rotate\.ts --env old-prod --secret database `,
        ),
      )
      assert.not(outcomes(run).some(({ is }) => is === 'changed'))
    }
  } finally {
    await secrets.set(name, right)
  }
})

const words = (): string =>
  `database,database-backup,database-monitor,database-root,redis,redis-admin,restic,walg,app:SHOP_KEY${s3 ? ',s3,backup-write,backup-prune' : ''}`
const NAMES = [
  'mariadb-app',
  'mariadb-backup',
  'mariadb-monitor',
  'mariadb-root',
  'redis',
  'redis-admin',
  'restic',
]

/**
 * All was done but that the bucket still takes the old keys: their owner revokes them, and the same
 * command ends right.
 */
const revoked = async (run: Ran): Promise<void> => {
  assert.is(run.code, 2, failures(run))
  assert.match(failures(run), /the old keys still open the bucket: revoke them at their issuer/)
  await revokeKeys(ENV)
  await answers('.previous', 403)
  await waitUntil(
    'the environment is well',
    async () => (await getFromLab(`${SITE}/healthz`)).status === 200,
  )
  const again = await rotate(words(), '--generate')
  assert.is(again.code, 0, failures(again))
}

test('each kind, broken off around the turn: no request fails, the old values end', async () => {
  inside(`${ENV}_restic`, 'restic cat config || restic init')
  const of = async () =>
    Object.fromEntries(
      await Promise.all(
        NAMES.map(async name => [name, (await store()).get(`${ENV}/${name}`).reveal()]),
      ),
    )
  const [old, before] = [await of(), tasks()]
  for (const [name, said] of Object.entries(tried(old)))
    if (!/^(app|backup|monitor)$/.test(name)) assert.match(said, /^1|^OK|"version"/m, name)
  const load = await withLoad(PAGES, async () => {
    await getFromLab(`${SITE}/jobs?n=5`)
    const broken = [await killed(words(), 'redis.users'), await killed(words(), `stack ${ENV}`)]
    assert.equal(
      broken.map(({ code }) => code),
      [null, null],
    )
    assert.ok(
      (await store()).has(`${ENV}/redis.previous`),
      'the value before is kept until it is dead',
    )
    return rotate(words(), '--generate')
  })
  if (s3) await revoked(load.result)
  else assert.is(load.result.code, 0, failures(load.result))
  assertAllAnswered(load, servers.server)
  assert.equal(tasks(), before, 'MariaDB and Redis were not restarted')
  for (const [name, said] of Object.entries(tried(old)))
    assert.match(said, /ERROR (1045|1698)|WRONGPASS|wrong password/, name)
  const own = inside(`${ENV}_php`, 'cat "$SHOP_KEY_FILE"').trim()
  assert.is(own, (await store()).get(`${ENV}/SHOP_KEY`).reveal())
  assert.is.not(own, 'as it was')
  const left = (await store()).names().filter(name => /^old-prod\/.*\.(next|previous)$/.test(name))
  assert.equal(left, [])
  assert.ok(
    (await store()).has(
      `${ENV}/walg-key.${Number((await store()).get(`${ENV}/walg-key.generation`).reveal()) - 1}`,
    ),
  )
})

test('nothing was lost, and what follows changes nothing', async () => {
  const { jobs, mariadb, redis } = JSON.parse((await getFromLab(`${SITE}/ledger`)).body)
  assert.equal([jobs.missing, mariadb.page.missing, redis.missing], [0, 0, 0])
  const again = await deploy()
  assert.equal(
    [again.code, outcomes(again).filter(({ is }) => is !== 'ok')],
    [0, []],
    failures(again),
  )
  assert.match(inside(`${ENV}_restic`, 'restic cat config'), /"version"/)
  const folder = inside(
    `${DATA}_walg`,
    `grep -o '${ENV}/${CLUSTER}-1/[^"]*' /run/secrets/walg.json`,
  ).trim()
  assert.is(
    folder,
    `${ENV}/${CLUSTER}-1/mariadb-${(await store()).get(`${ENV}/walg-key.generation`).reveal()}`,
  )
})

test('keys of the bucket are rolled, and the old ones were refused', () => {
  if (!s3)
    skip("the lab's S3 was raised before it took a second pair of keys: npx zx scripts/lab.ts up")
})

for (const tool of ['grafana', 'portainer'])
  test(`${tool}: its password is changed by its API`, async () => {
    const run = await ran('rotate', ['--cluster', CLUSTER, '--secret', tool])
    if (/is a stand-in in this lab: it has no password to change/.test(run.text))
      skip(`${tool} is a stand-in in this lab`)
    assert.is(run.code, 0, failures(run))
  })

test('what only its owner knows is asked for, and an unknown word names the nearest', async () => {
  const given = await rotate('s3')
  assert.is(given.code, 1)
  assert.match(
    given.text,
    /its owner must provide the new value.*\n.*secrets\.ts set old-prod\/s3-access-key\.next/,
  )
  const wrong = await rotate('databse')
  assert.match(wrong.text, /old-prod has no such secret; did you mean "database"\?/)
})

test.run()
