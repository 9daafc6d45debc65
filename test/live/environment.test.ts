import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { getFromLab } from '../../scripts/lab/reach.ts'
import * as environment from '../support/environment.ts'
import {
  deployUntilSettled,
  describeFailures,
  findOperations,
  listTrips,
  mapOutcomes,
  raiseCluster,
  requireEnvironments,
} from '../support/environment.ts'
import { type LabHost, openLabHost } from '../support/lab-host.ts'
import { assertAllAnswered, withLoad } from '../support/load.ts'
import { waitUntil } from '../support/run-playbook.ts'
import { runInTask as insideOf } from '../support/service-task.ts'
import { backups } from './environments/backups.ts'

const ENV = 'new-prod-env'
const SITE = 'brd.example'
const HOST = 'new-prod'

const deploy = (...flags: string[]) => environment.deployEnvironment(ENV, flags)
const page = (path: string) => environment.fetchPage(SITE, path)
const LIVEZ = Array<string>(3).fill(`https://${SITE}/livez`)
const under = <T>(work: () => Promise<T>) => withLoad(LIVEZ, work)
const daily = (...words: string[]) => environment.manageEnvironment(ENV, words)

const test = suite('environment')
let host: LabHost
test.before(async () => {
  host = openLabHost(HOST)
  await requireEnvironments()
  await raiseCluster('brd-new-prod', HOST)
})
test.after(() => host?.end())

test('it is deployed, answers under its host names, and reaches all it needs', async () => {
  const run = await deploy('--release', 'sample-v1')
  assert.is(run.code, 0, describeFailures(run))
  const health = await page('/healthz')
  assert.equal(
    [health.status, health.ok, health.environment, health.release],
    [200, true, ENV, 'v1'],
  )
  assert.is((await getFromLab('https://www.brd.example/livez')).status, 200)
})

test('the second deploy changes nothing, in one round trip', async () => {
  const run = await deployUntilSettled(ENV, ['--release', 'sample-v1'])
  assert.equal(
    [run.code, findOperations(run, 'changed'), listTrips(run)],
    [0, [], [1]],
    describeFailures(run),
  )
  const check = await deploy('--release', 'sample-v1', '--check', '--exit-code')
  assert.equal(
    [check.code, findOperations(check, 'would-change'), findOperations(check, 'unknown')],
    [0, [], []],
  )
})

const created = (service: string): string =>
  host
    .root(`docker service ps --quiet --no-trunc --filter desired-state=running ${ENV}_${service}`)
    .trim()

test('one line of nginx changes nginx alone, and the line is shown before', async () => {
  const before = ['php', 'worker', 'cron', 'restic'].map(created)
  const change = ['--release', 'sample-v1', '--extra-vars', '{"app":{"timeout":61}}']
  const told = mapOutcomes(await deploy(...change, '--check', '--diff')).get(`stack ${ENV}`)
  assert.is(told?.is, 'would-change')
  assert.match(JSON.stringify(told), /fastcgi_read_timeout 60s.*fastcgi_read_timeout 61s/)
  const nginx = created('nginx')
  const load = await under(() => deploy(...change))
  assert.is(load.result.code, 0, describeFailures(load.result))
  // Whether it answers is asked for, and may be waited for; it is no part of the environment.
  assert.equal(
    findOperations(load.result, 'changed').filter(name => !name.startsWith('http.answers')),
    [`stack ${ENV}`],
  )
  assert.equal(['php', 'worker', 'cron', 'restic'].map(created), before)
  assert.is.not(created('nginx'), nginx)
  assertAllAnswered(load, host)
})

test('a good release: its migration runs, no request fails', async () => {
  const load = await under(() => deploy('--release', 'sample-v2'))
  assert.is(load.result.code, 0, describeFailures(load.result))
  assert.ok(findOperations(load.result, 'changed').includes(`job ${ENV}-release`))
  assert.is((await page('/healthz')).release, 'v2')
  assertAllAnswered(load, host)
})

test('a bad release: the old one goes on, and the reason is told', async () => {
  const load = await under(() => deploy('--release', 'sample-broken'))
  assert.is(load.result.code, 2)
  assert.match(describeFailures(load.result), /this release is broken/)
  assert.is((await page('/healthz')).release, 'v2')
  assertAllAnswered(load, host)
  const images = host.root(
    `docker service ls --filter label=com.docker.stack.namespace=${ENV} --format '{{.Image}}'`,
  )
  assert.not.match(images, /broken/)
})

test('an image that is not there: the old one goes on', async () => {
  const run = await deploy('--release', 'sample-v99')
  assert.is(run.code, 2)
  assert.match(describeFailures(run), /sample-v99/)
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
  assert.is(up.code, 0, describeFailures(up))
  const load = await under(() => deploy(...scale(1)))
  assert.is(load.result.code, 0, describeFailures(load.result))
  assertAllAnswered(load, host)
})

test('each database user has one generation; the administrator logs in from inside', async () => {
  const asked =
    "SELECT CONCAT(User, '@', Host) FROM mysql.global_priv WHERE User REGEXP '^((app|backup|monitor)2?|root)$' ORDER BY 1;\n"
  const { stdout } = await environment.manageEnvironment(ENV, ['db-shell'], { input: asked })
  const found = stdout.split('\n').filter(line => /^\w+@\S+$/.test(line))
  assert.equal(
    found.map(user => user.replace('2@', '@')),
    ['app@%', 'backup@localhost', 'monitor@%', 'root@localhost'],
  )
})

test('nothing of another environment can be named, and Redis and MariaDB want a password', () => {
  const inside = (service: string, command: string): string => insideOf(host, service, command)
  for (const name of ['loki', 'grafana', 'portainer', 'agent', 'traefik'])
    assert.is(inside(`${ENV}_php`, `getent hosts ${name}`).trim(), '', name)
  assert.is(inside(`${ENV}_php`, 'getent hosts mariadb').trim() === '', false)
  assert.match(inside(`${ENV}-data_redis`, 'redis-cli get a'), /NOAUTH/)
})

test('the daily work: status, logs, a command with its secrets, SQL, a restart', async () => {
  const services = ['nginx', 'php', 'worker', 'cron', 'restic', 'restic-prune']
  // What was scaled down a moment ago still serves for its last ten seconds.
  await waitUntil(
    'each service has its one task',
    async () => {
      const { code, stdout } = await daily('status')
      return (
        code === 0 &&
        services.every(service => new RegExp(`^${ENV}_${service} +1/1 `, 'm').test(stdout)) &&
        /^backups: (?:not proven here|never|last proven)/m.test(stdout)
      )
    },
    60,
  )
  assert.match((await daily('logs', 'nginx', '--tail', '20')).stdout, /"status":200/)
  assert.match(
    (await daily('exec', 'php', '--', 'php', '/app/migrate.php')).stdout,
    /"migrated":\[\]/,
  )
  assert.is((await daily('exec', 'php', '--', 'sh', '-c', 'exit 7')).code, 7)
  const sql = await environment.manageEnvironment(ENV, ['db-shell'], {
    input: 'SELECT DATABASE();\n',
  })
  assert.match(sql.stdout, /app/)
  const restart = await daily('restart', 'worker')
  assert.is(restart.code, 0, restart.stderr)
  await waitUntil('the site is well', async () => (await page('/healthz')).ok === true, 30)
})

backups(test, ENV, 'brd-new-prod')

test('an unknown environment and service name the nearest', async () => {
  const wrong = await environment.deployEnvironment('new-prod-enw')
  assert.is(wrong.code, 1)
  assert.match(wrong.stderr + wrong.stdout, /no such environment; did you mean "new-prod-env"\?/)
  const service = await daily('logs', 'ngnix')
  assert.is(service.code, 1)
  assert.match(service.stderr + service.stdout, /no such service; did you mean "nginx"\?/)
})

test.run()
