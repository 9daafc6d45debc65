// time limit: 900 s
// hosts: new-prod
import { spawn } from 'node:child_process'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Event, Outcome } from '../../lib/events.ts'
import { get } from '../../lib/lab/reach.ts'
import { needLab } from '../../lib/lab/state.ts'
import { skip } from '../../lib/testing/skip.ts'
import { type LabHost, labHost } from '../support/lab-host.ts'
import { events, root, until, zx } from '../support/run.ts'

const ENV = 'new-prod-env'
const SITE = 'https://brd.example'
const HOST = 'new-prod'

type Ran = { readonly code: number | null; readonly stdout: string; readonly stderr: string }

const ran = (script: string, flags: readonly string[], input = ''): Promise<Ran> => {
  const child = spawn(process.execPath, [...zx(script), '--lab', ...flags], { cwd: root, stdio: ['pipe', 'pipe', 'pipe'] })
  const text = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const)
    child[name].on('data', (chunk: Buffer) => {
      text[name] += chunk
    })
  child.stdin.end(input)
  return new Promise(resolve => child.on('close', code => resolve({ code, ...text })))
}

type Deployed = Ran & { readonly all: readonly Event[] }
const deploy = async (...flags: string[]): Promise<Deployed> => {
  const run = await ran('playbooks/deploy-environment.ts', ['--env', ENV, '--json', ...flags])
  return { ...run, all: events(run.stdout) }
}

/** How each operation ended, by its name. */
const ends = ({ all }: Deployed): Map<string, Outcome> => {
  const listed = all.flatMap(event => (event.type === 'host-listed' ? event.ops.map(({ kind, name }) => `${kind} ${name}`) : []))
  return new Map(all.flatMap(event => (event.type === 'op-settled' ? [[listed[event.op] as string, event.outcome] as const] : [])))
}
const which = (run: Deployed, is: Outcome['is']): string[] =>
  [...ends(run)].filter(([, outcome]) => outcome.is === is).map(([name]) => name)
const failures = ({ all, stderr }: Deployed): string =>
  stderr + JSON.stringify(all.flatMap(event => (event.type === 'op-settled' && event.outcome.is === 'failed' ? [event.outcome] : [])))
const trips = ({ all }: Deployed): number[] => all.flatMap(event => (event.type === 'host-finished' ? [event.trips] : []))

const page = async (path: string) => {
  const { status, body } = await get(`${SITE}${path}`)
  return { status, ...(JSON.parse(body) as { release?: string; ok?: boolean; environment?: string }) }
}

/** Asks for a page again and again while something happens; what was not answered with 200. */
const under = async <T>(
  work: () => Promise<T>,
): Promise<{ readonly result: T; readonly failed: readonly string[]; readonly count: number }> => {
  const failed: string[] = []
  let [going, count] = [true, 0]
  const one = async (): Promise<void> => {
    while (going) {
      count++
      const said = await get(`${SITE}/livez`).then(
        ({ status }) => status,
        (error: Error) => error.message,
      )
      if (said !== 200) failed.push(`${new Date().toISOString()} ${said}`)
      await new Promise(resolve => setTimeout(resolve, 50))
    }
  }
  const askers = [one(), one(), one()]
  try {
    return { result: await work(), failed, count }
  } finally {
    going = false
    await Promise.all(askers)
  }
}

const test = suite('environment')
let host: LabHost
test.before(async () => {
  if (!process.env['BRD_TEST_ENVIRONMENTS']) skip('environments are under way: BRD_TEST_ENVIRONMENTS=1 runs their live tests')
  host = labHost(HOST)
  const { s3, images } = await needLab()
  if (!s3) skip('the lab has no S3 server')
  if (!images.some(({ ref }) => ref === 'brd/app:sample-v1')) skip('the lab has no sample application')
  const raised = await ran('playbooks/bootstrap.ts', ['--cluster', 'brd-new-prod'])
  assert.is(raised.code, 0, raised.stdout.slice(-2000) + raised.stderr)
})
test.after(() => host?.end())

test('it is deployed, answers under its host names, and reaches all it needs', async () => {
  const run = await deploy('--release', 'sample-v1')
  assert.is(run.code, 0, failures(run))
  const health = await page('/healthz')
  assert.equal([health.status, health.ok, health.environment, health.release], [200, true, ENV, 'v1'])
  assert.is((await get('https://www.brd.example/livez')).status, 200)
})

test('the second deploy changes nothing, in one round trip', async () => {
  const run = await deploy('--release', 'sample-v1')
  assert.equal([run.code, which(run, 'changed'), trips(run)], [0, [], [1]], failures(run))
  const check = await deploy('--release', 'sample-v1', '--check', '--exit-code')
  assert.equal([check.code, which(check, 'would-change'), which(check, 'unknown')], [0, [], []])
})

const created = (service: string): string =>
  host.root(`docker service ps --quiet --no-trunc --filter desired-state=running ${ENV}_${service}`).trim()

test('one line of nginx changes nginx alone, and the line is shown before', async () => {
  const before = ['php', 'worker', 'cron', 'restic'].map(created)
  const change = ['--release', 'sample-v1', '--extra-vars', '{"app":{"timeout":61}}']
  const told = ends(await deploy(...change, '--check', '--diff')).get(`stack ${ENV}`)
  assert.is(told?.is, 'would-change')
  assert.match(JSON.stringify(told), /fastcgi_read_timeout 60s.*fastcgi_read_timeout 61s/)
  const nginx = created('nginx')
  const { result, failed, count } = await under(() => deploy(...change))
  assert.equal([result.code, which(result, 'changed')], [0, [`stack ${ENV}`]], failures(result))
  assert.equal(['php', 'worker', 'cron', 'restic'].map(created), before)
  assert.is.not(created('nginx'), nginx)
  assert.equal(failed, [], `${failed.length} of ${count}`)
})

test('a good release: its migration runs, no request fails', async () => {
  const { result, failed, count } = await under(() => deploy('--release', 'sample-v2'))
  assert.is(result.code, 0, failures(result))
  assert.ok(which(result, 'changed').includes(`job ${ENV}-release`))
  assert.is((await page('/healthz')).release, 'v2')
  assert.equal(failed, [], `${failed.length} of ${count}`)
})

test('a bad release: the old one goes on, and the reason is told', async () => {
  const { result, failed, count } = await under(() => deploy('--release', 'sample-broken'))
  assert.is(result.code, 2)
  assert.match(failures(result), /this release is broken/)
  assert.is((await page('/healthz')).release, 'v2')
  assert.equal(failed, [], `${failed.length} of ${count}`)
  const images = host.root(`docker service ls --filter label=com.docker.stack.namespace=${ENV} --format '{{.Image}}'`)
  assert.not.match(images, /broken/)
})

test('an image that is not there: the old one goes on', async () => {
  const run = await deploy('--release', 'sample-v99')
  assert.is(run.code, 2)
  assert.match(failures(run), /sample-v99/)
  assert.is((await page('/healthz')).release, 'v2')
})

test('back to a release, and a scale-down under requests', async () => {
  const scale = (replicas: number) => [
    '--release',
    'sample-v2',
    '-e',
    `{"app":{"services":{"php":{"replicas":${replicas}},"nginx":{"replicas":${replicas}}}}}`,
  ]
  const up = await deploy(...scale(2))
  assert.is(up.code, 0, failures(up))
  const { result, failed, count } = await under(() => deploy(...scale(1)))
  assert.is(result.code, 0, failures(result))
  assert.equal(failed, [], `${failed.length} of ${count}`)
})

test('each user of the database is there, and the administrator from inside alone', () => {
  const found = host.root(
    `id=$(docker ps --quiet --filter label=com.docker.swarm.service.name=${ENV}-data_mariadb)
docker exec "$id" mariadb --defaults-extra-file=/run/secrets/root.cnf -N -e "SELECT CONCAT(User, '@', Host) FROM mysql.global_priv WHERE User IN ('app', 'backup', 'monitor', 'root') ORDER BY 1"`,
  )
  assert.equal(found.trim().split('\n'), ['app@%', 'backup@localhost', 'monitor@%', 'root@localhost'])
})

test('nothing of another environment can be named, and Redis and MariaDB want a password', () => {
  const inside = (service: string, command: string): string =>
    host.root(
      `id=$(docker ps --quiet --filter label=com.docker.swarm.service.name=${service} | head -n 1) && docker exec "$id" sh -c ${JSON.stringify(command)} 2>&1 || true`,
    )
  for (const name of ['loki', 'grafana', 'portainer', 'agent', 'traefik'])
    assert.is(inside(`${ENV}_php`, `getent hosts ${name}`).trim(), '', name)
  assert.is(inside(`${ENV}_php`, 'getent hosts mariadb').trim() === '', false)
  assert.match(inside(`${ENV}-data_redis`, 'redis-cli get a'), /NOAUTH/)
})

test('the daily work: status, logs, a command with its secrets, SQL, a restart', async () => {
  const daily = (...words: string[]) => ran('playbooks/environment.ts', ['--env', ENV, ...words])
  const services = ['nginx', 'php', 'worker', 'cron', 'restic']
  // What was scaled down a moment ago still serves for its last ten seconds.
  await until(
    'each service has its one task',
    async () => {
      const { code, stdout } = await daily('status')
      return code === 0 && services.every(service => new RegExp(`^${ENV}_${service} +1/1 `, 'm').test(stdout))
    },
    60,
  )
  assert.match((await daily('logs', 'nginx', '--tail', '20')).stdout, /"status":200/)
  assert.match((await daily('exec', 'php', '--', 'php', '/app/migrate.php')).stdout, /"migrated":\[\]/)
  assert.is((await daily('exec', 'php', '--', 'sh', '-c', 'exit 7')).code, 7)
  const sql = await ran('playbooks/environment.ts', ['--env', ENV, 'db-shell'], 'SELECT DATABASE();\n')
  assert.match(sql.stdout, /app/)
  const restart = await daily('restart', 'worker')
  assert.is(restart.code, 0, restart.stderr)
  await until('the site is well', async () => (await page('/healthz')).ok === true, 30)
})

test('an unknown environment and service name the nearest', async () => {
  const wrong = await ran('playbooks/deploy-environment.ts', ['--env', 'new-prod-enw'])
  assert.is(wrong.code, 1)
  assert.match(wrong.stderr + wrong.stdout, /no such environment; did you mean "new-prod-env"\?/)
  const service = await ran('playbooks/environment.ts', ['--env', ENV, 'logs', 'ngnix'])
  assert.is(service.code, 1)
  assert.match(service.stderr + service.stdout, /no such service; did you mean "nginx"\?/)
})

test.run()
