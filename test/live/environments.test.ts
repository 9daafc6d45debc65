/**
 * Four environments at once: two on the manager of a cluster of two servers, one on its other
 * server, one in another cluster; apart from each other, and unharmed by bad input.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { getFromLab } from '../../scripts/lab/reach.ts'
import {
  deployEnvironment,
  deployUntilSettled,
  describeFailures,
  fetchPage,
  findOperations,
  listTrips,
  manageEnvironment,
  runScript,
} from '../support/environment.ts'
import { apart } from './environments/apart.ts'
import { dashboards } from './environments/dashboards.ts'
import { Ground, type Name, names, site } from './environments/ground.ts'
import { refusals } from './environments/refusals.ts'

const ground = new Ground()
const test = suite('environments')
test.before(() => ground.raise())
test.after(() => ground.end())

for (const name of names)
  test(`${name} deploys, answers on its host name over TLS, and reaches all it needs`, async () => {
    const run = await deployEnvironment(name)
    assert.is(run.code, 0, describeFailures(run))
    const health = await fetchPage(site(name), '/healthz')
    assert.equal([health.status, health.ok, health.environment], [200, true, name])
  })

test('all of them answer at once, each as itself', async () => {
  const told = await Promise.all(names.map(name => fetchPage(site(name), '/healthz')))
  assert.equal(
    told.map(({ status, ok, environment }) => [status, ok, environment]),
    names.map(name => [200, true, name]),
  )
})

test('each runs whole on its own server', () => {
  for (const name of names) {
    const mine = ground
      .containers()
      .filter(({ stack }) => stack === name || stack === `${name}-data`)
    const services = [
      'nginx',
      'php',
      'worker',
      'cron',
      'restic',
      'restic-prune',
      'mariadb',
      'slowlog',
      'redis',
      'walg',
      'walg-prune',
    ]
    assert.equal(mine.map(({ service }) => service.split('_')[1]).sort(), services.sort(), name)
    assert.ok(mine.every(({ host }) => host === ground.hostOf(name)))
  }
})

test('each has data of its own', async () => {
  const pages = async (name: Name): Promise<number> =>
    JSON.parse((await getFromLab(`https://${site(name)}/ledger`, { timeout: 20_000 })).body).mariadb
      .page?.count ?? 0
  const before = await Promise.all(names.map(pages))
  for (const [i, name] of names.entries())
    for (let n = 0; n <= i; n++) assert.is((await fetchPage(site(name), '/')).status, 200)
  assert.equal(
    await Promise.all(names.map(pages)),
    before.map((count, i) => count + i + 1),
  )
})

test('a second deploy changes nothing, in one round trip a list of operations', async () => {
  const expected = { stage: [1], feature: [1], 'old-prod': [1, 1, 1, 1], 'new-prod-env': [1] }
  for (const name of names) {
    const run = await deployUntilSettled(name)
    assert.equal(
      [run.code, findOperations(run, 'changed'), listTrips(run)],
      [0, [], expected[name]],
      describeFailures(run),
    )
  }
})

apart(test, ground)

test('what is rendered is what runs, and a changed line shows as such', async () => {
  const out = join(ground.folder, 'rendered')
  const written = await runScript('scripts/render.ts', ['stage', '--out', out])
  assert.is(written.code, 0, written.stderr)
  const nginx = ground.manager.root(
    `docker config inspect --format '{{json .Spec.Data}}' $(docker service inspect --format '{{range .Spec.TaskTemplate.ContainerSpec.Configs}}{{println .ConfigName}}{{end}}' stage_nginx | grep nginx)`,
  )
  assert.is(
    Buffer.from(JSON.parse(nginx), 'base64').toString(),
    readFileSync(join(out, 'stage/configs/nginx'), 'utf8'),
  )
  const same = await runScript('scripts/render.ts', ['stage', '--diff'])
  assert.is(same.code, 0, same.stdout + same.stderr)
  assert.match(same.stdout, /old-one +\d+ +- +- +-/)
  const changed = ground.inventory(
    'timeout',
    '    title: Stage Env\n',
    '    title: Stage Env\n    app: { timeout: 61 }\n',
  )
  const shown = await runScript('scripts/render.ts', ['stage', '--diff', '--inventory', changed])
  assert.match(shown.stdout, /- +fastcgi_read_timeout 60s;\n[^\n]*\+ +fastcgi_read_timeout 61s;/)
})

test('the daily work where the environment is on another server than the manager', async () => {
  assert.match((await manageEnvironment('old-prod', ['status'])).stdout, /^old-prod_php +1\/1 /m)
  assert.match(
    (await manageEnvironment('old-prod', ['logs', 'nginx', '--tail', '20'])).stdout,
    /"status":200/,
  )
  assert.match(
    (await manageEnvironment('old-prod', ['exec', 'php', '--', 'php', '/app/migrate.php'])).stdout,
    /"migrated":\[\]/,
  )
  assert.match(
    (await manageEnvironment('old-prod', ['db-shell'], { input: 'SELECT COUNT(*) FROM ledger;\n' }))
      .stdout,
    /\d/,
  )
  assert.match(
    (await manageEnvironment('old-prod', ['restart', 'cron'])).stdout,
    /old-prod_cron was restarted/,
  )
})

refusals(test, ground)
dashboards(test, ground)

test.run()
