import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { parse } from 'yaml'
import type { ComposeService } from '../../../lib/compose/compose.ts'
import { InputError } from '../../../lib/errors/input-error.ts'
import { loadProject } from '../../../lib/inventory/load-project.ts'
import { findProject } from '../../../lib/inventory/project.ts'
import { renderEnvironment } from '../../../playbooks/deploy/render.ts'

const inventory = await loadProject(findProject(import.meta.dirname))
const all = new Map(
  await Promise.all(
    [...inventory.environments].map(
      async ([name, entry]) => [name, await renderEnvironment(entry, null)] as const,
    ),
  ),
)
const read = (name: string, stack: string) =>
  parse(all.get(name)?.get(`${stack}.yml`) ?? '', { version: '1.1' })
const services = (name: string): [string, ComposeService][] =>
  [name, `${name}-data`].flatMap(stack =>
    Object.entries<ComposeService>(read(name, stack).services),
  )

/**
 * The text is that of the golden file. `GOLDEN=write` writes it: read the difference in git before
 * it is committed.
 */
const golden = (name: string, text: string): void => {
  const file = new URL(`golden/${name}`, import.meta.url)
  if (process.env['GOLDEN'] === 'write') writeFileSync(file, text)
  assert.ok(existsSync(file), `${name} is not there: run with GOLDEN=write and read it`)
  assert.fixture(text, readFileSync(file, 'utf8'))
}

for (const [name, files] of all) {
  test(`${name}: its compose files and configs are those of the golden file`, () =>
    golden(`${name}.txt`, [...files].map(([path, text]) => `=== ${path}\n${text}`).join('')))

  test(`${name}: every service has its node, limits and a health check, and needs no IPVS`, () => {
    for (const [of, { deploy, healthcheck }] of services(name)) {
      assert.equal(deploy.placement?.constraints, [`node.labels.brd.env.${name}==1`], of)
      assert.ok(deploy.resources?.limits?.memory, of)
      assert.is(deploy.endpoint_mode, 'dnsrr', of)
      assert.ok(healthcheck && 'test' in healthcheck, of)
      // None is ended for being slow on a busy server.
      assert.equal([healthcheck.timeout, healthcheck.retries], ['10s', 6], of)
      assert.is(deploy.update_config?.failure_action, 'rollback', of)
    }
  })

  test(`${name}: a rollback is complete before Swarm starts a failed task again`, () => {
    const serving = services(name).filter(
      ([, { deploy }]) => deploy.update_config?.order === 'start-first',
    )
    assert.equal(
      serving.map(([of, { deploy }]) => [
        of,
        deploy.rollback_config?.order,
        deploy.rollback_config?.monitor,
        deploy.restart_policy?.delay,
      ]),
      ['nginx', 'php'].map(of => [of, 'start-first', '1s', '15s']),
    )
  })

  test(`${name}: a service with data stops before it starts; one that serves starts first`, () => {
    const order = Object.fromEntries(
      services(name).map(([of, { deploy }]) => [of, deploy.update_config?.order]),
    )
    const [first, last] = ['start-first', 'stop-first']
    assert.equal(order, {
      nginx: first,
      php: first,
      worker: last,
      cron: last,
      restic: last,
      mariadb: last,
      slowlog: last,
      redis: last,
      walg: last,
      'walg-prune': last,
      'restic-prune': last,
    })
  })

  test(`${name}: only nginx shares a network with the entry point, one per environment`, () => {
    const shared = services(name).filter(([, { networks }]) =>
      (networks as string[]).some(network => network !== `env-${name}`),
    )
    assert.equal(
      shared.map(([of, { networks }]) => [of, networks]),
      [['nginx', [`env-${name}`, `edge-${name}`]]],
    )
  })
}

test('no two environments have a stack, a network, a router or a host name in common', () => {
  const seen = new Map<string, string>()
  for (const [name, files] of all) {
    const routers = Object.keys(read(name, name).services.nginx.deploy.labels).filter(label =>
      /routers\.|middlewares\.|services\./.test(label),
    )
    const stacks = [...files.keys()].filter(path => path.endsWith('.yml'))
    for (const thing of [
      ...routers,
      ...stacks,
      ...Object.keys({ ...read(name, name).networks, ...read(name, `${name}-data`).networks }),
      ...(inventory.environments.get(name)?.vars.hosts ?? []),
    ]) {
      assert.not.ok(seen.has(thing), `${thing} is of ${seen.get(thing)} and ${name}`)
      seen.set(thing, name)
    }
  }
})

test('rendering again gives the same, byte for byte', async () => {
  for (const [name, entry] of inventory.environments)
    assert.equal([...(await renderEnvironment(entry, null))], [...(all.get(name) ?? [])])
})

test('an environment without an image says what to set, and where', async () => {
  const entry = inventory.environments.get('stage')
  assert.ok(entry)
  const { app: _, ...images } = entry.vars.app.images
  const without = Object.create(entry, {
    vars: { value: { ...entry.vars, app: { ...entry.vars.app, images } } },
  })
  const error = await renderEnvironment(without, null).catch(error => error)
  assert.instance(error, InputError)
  assert.match(error.message, /environments\.stage: app\.images\.app is required/)
})

// An older client shows the help of `docker stack` instead.
const docker = spawnSync('docker', ['stack', 'config', '--help'], { encoding: 'utf8' })
if (docker.stdout?.includes('docker stack config'))
  test('Docker itself reads the compose files', () => {
    for (const [name, files] of all)
      for (const [path, text] of files) {
        if (!path.endsWith('.yml')) continue
        const { status, stderr } = spawnSync('docker', ['stack', 'config', '--compose-file', '-'], {
          input: text,
          encoding: 'utf8',
        })
        assert.is(status, 0, `${name}/${path}: ${stderr}`)
      }
  })

test.run()
