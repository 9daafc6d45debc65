/**
 * The stand-in for Alloy: it ships what containers say, with the labels of the role's own
 * configuration, once and whole.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { alloyConfig } from '../../../../roles/loki/config.ts'
import { requirePrograms } from '../../../../scripts/test/skip.ts'
import { waitUntil } from '../../../support/run-playbook.ts'
import { FakeDocker, FakeLoki } from './docker-logs.ts'

const program = 'scripts/lab/images/files/alloy'

type Ground = {
  docker: FakeDocker
  loki: FakeLoki
  folder: string
  ship: (config?: string) => Shipper
}
type Shipper = {
  process: ChildProcess
  text: () => string
  stop: (signal?: NodeJS.Signals) => Promise<number | null>
}

const test = suite<Ground>('the stand-in for Alloy')
test.before(() => requirePrograms('python3'))
test.before.each(async ground => {
  const folder = mkdtempSync(join(tmpdir(), 'brdtest-alloy-'))
  const running: Shipper[] = []
  const docker = new FakeDocker()
  const loki = new FakeLoki()
  await docker.listen(join(folder, 'docker.sock'))
  await loki.listen()
  const ship = (config = alloyConfig): Shipper => {
    const path = join(folder, 'brd.alloy')
    writeFileSync(path, here(config, folder, loki))
    const flags = [
      'run',
      '--server.http.listen-addr=127.0.0.1:0',
      `--storage.path=${folder}/data`,
      '--disable-reporting',
      path,
    ]
    const env = {
      ...process.env,
      NODE_NAME: 'node-one',
      STAND_IN: program,
      PYTHONDONTWRITEBYTECODE: '1',
    }
    const child = spawn('python3', [join(program, 'alloy'), ...flags], { env })
    let text = ''
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', chunk => {
        text += chunk
      })
    const closed = once(child, 'close')
    const stop = async (signal: NodeJS.Signals = 'SIGTERM') => {
      child.kill(signal)
      await closed
      return child.exitCode
    }
    running.push({ process: child, text: () => text, stop })
    return running.at(-1)!
  }
  Object.assign(ground, { docker, loki, folder, ship, running })
})
test.after.each(async ({ docker, loki, folder, running }: Ground & { running?: Shipper[] }) => {
  for (const shipper of running ?? []) await shipper.stop('SIGKILL')
  docker.close()
  await loki.leave()
  rmSync(folder, { recursive: true })
})

/** The role's configuration, with the addresses of this test and shorter waits. */
const here = (config: string, folder: string, loki: FakeLoki): string =>
  config
    .replaceAll('unix:///proxy/docker.sock', `unix://${folder}/docker.sock`)
    .replace('"http://loki:3100/loki/api/v1/push"', `"${loki.url}"\n    batch_wait = "50ms"`)
    .replaceAll('"5s"', '"100ms"')

const arrive = (loki: FakeLoki, count: number) =>
  waitUntil(`${count} lines have arrived`, () => loki.arrived.length >= count, 20)

const service = {
  'com.docker.stack.namespace': 'stage',
  'com.docker.swarm.service.name': 'stage_nginx',
  'brd.environment': 'stage',
  'brd.service': 'nginx',
}

test("a line arrives with the labels that the role's configuration names", async ({
  docker,
  loki,
  ship,
}) => {
  docker.run('stage_nginx.1.abc', service)
  docker.run('registry', {})
  docker.say('stage_nginx.1.abc', '{"status":200}')
  docker.say('registry', 'no stack, no service', { stream: 'stderr' })
  ship()
  await arrive(loki, 2)
  const labels = Object.fromEntries(loki.arrived.map(({ text, labels }) => [text, labels]))
  assert.equal(labels, {
    '{"status":200}': {
      stack: 'stage',
      service_name: 'stage_nginx',
      environment: 'stage',
      service: 'nginx',
      container: 'stage_nginx.1.abc',
      node: 'node-one',
    },
    'no stack, no service': { container: 'registry', node: 'node-one' },
  })
})

test('what Loki could not take arrives when it is back, once and in order', async ({
  docker,
  loki,
  ship,
}) => {
  docker.run('a', {})
  docker.say('a', 'before')
  const { text } = ship()
  await arrive(loki, 1)
  await loki.leave()
  docker.say('a', 'away 1')
  await waitUntil('it says that Loki is away', () => /takes nothing/.test(text()), 20)
  docker.say('a', 'away 2')
  loki.refuses = 503
  await loki.listen()
  docker.say('a', 'refused')
  loki.refuses = undefined
  await arrive(loki, 4)
  await waitUntil('it says that Loki is back', () => /takes lines again/.test(text()), 20)
  assert.equal(loki.texts(), ['before', 'away 1', 'away 2', 'refused'])
  assert.is(text().match(/takes nothing/g)?.length, 1, text())
})

test('killed and started again, it goes on from its place: also among lines of one time', async ({
  docker,
  loki,
  ship,
}) => {
  docker.run('a', {})
  docker.say('a', 'one')
  docker.say('a', 'two', { later: 0n })
  docker.say('a', 'an error', { stream: 'stderr' })
  const first = ship()
  await arrive(loki, 3)
  await first.stop('SIGTERM')
  docker.cut()
  docker.say('a', 'three', { later: 0n })
  docker.say('a', 'while it was away')
  docker.end('a')
  ship()
  await arrive(loki, 5)
  docker.restart('a')
  docker.say('a', 'again')
  await arrive(loki, 6)
  assert.equal(loki.texts(), ['one', 'two', 'an error', 'three', 'while it was away', 'again'])
})

test('what was not acknowledged before kill -9 is read again', async ({ docker, loki, ship }) => {
  docker.run('a', {})
  loki.refuses = 500
  docker.say('a', 'kept by Docker')
  const first = ship()
  await waitUntil('Loki has refused', () => /takes nothing/.test(first.text()), 20)
  await first.stop('SIGKILL')
  loki.refuses = undefined
  ship()
  await arrive(loki, 1)
  assert.equal(loki.texts(), ['kept by Docker'])
})

test('a log that is cut off is read on, without a line twice', async ({ docker, loki, ship }) => {
  docker.run('a', {})
  ship()
  for (let n = 0; n < 5; n++) {
    docker.say('a', `out ${n}`)
    docker.say('a', `err ${n}`, { stream: 'stderr' })
    if (n % 2 === 0) docker.cut()
    await arrive(loki, n + 1)
  }
  await arrive(loki, 10)
  assert.equal(
    loki.texts().toSorted(),
    [0, 1, 2, 3, 4].flatMap(n => [`out ${n}`, `err ${n}`]).toSorted(),
  )
})

test('lines that Docker repeats when it rotates its file arrive once', async ({
  docker,
  loki,
  ship,
}) => {
  docker.run('a', {})
  ship()
  docker.say('a', 'one')
  docker.say('a', 'two', { stream: 'stderr' })
  await arrive(loki, 2)
  docker.repeat('a', 2)
  docker.say('a', 'three')
  await arrive(loki, 3)
  assert.equal(loki.texts(), ['one', 'two', 'three'])
})

test('containers come and go: what one said last is not lost', async ({
  docker,
  loki,
  ship,
  folder,
}) => {
  ship()
  docker.run('job', {})
  docker.say('job', 'done')
  docker.end('job')
  await arrive(loki, 1)
  docker.remove('job')
  docker.run('later', {})
  docker.say('later', 'here')
  await arrive(loki, 2)
  assert.equal(loki.texts(), ['done', 'here'])
  const kept = async () =>
    Object.keys(JSON.parse(await readFile(join(folder, 'data/stand-in-positions.json'), 'utf8')))
  await waitUntil(
    'nothing is kept of what is gone',
    async () => (await kept()).join() === 'later',
    20,
  )
})

test('a line longer than a frame of Docker arrives whole', async ({ docker, loki, ship }) => {
  docker.run('a', {})
  docker.say('a', `${'x'.repeat(40_000)} end`)
  ship()
  await arrive(loki, 1)
  assert.is(loki.texts()[0]?.length, 40_004)
})

test('what Loki refuses for good is said to be lost, and the rest goes on', async ({
  docker,
  loki,
  ship,
}) => {
  docker.run('a', {})
  loki.refuses = 400
  docker.say('a', 'bad')
  const { text } = ship()
  await waitUntil('it says so', () => /1 lines are lost: they are refused: 400/.test(text()), 20)
  loki.refuses = undefined
  docker.say('a', 'good')
  await arrive(loki, 1)
  assert.equal(loki.texts(), ['good'])
})

test('a push carries the password that the configuration names', async ({ docker, loki, ship }) => {
  docker.run('a', {})
  docker.say('a', 'x')
  ship(
    alloyConfig.replace(
      'push"\n',
      'push"\n    basic_auth {\n      username = "brd"\n      password = "se" + "cret"\n    }\n',
    ),
  )
  await arrive(loki, 1)
  assert.equal([...loki.authorizations], [`Basic ${Buffer.from('brd:secret').toString('base64')}`])
})

const refused: Record<string, [(config: string) => string, RegExp]> = {
  'a component that it does not know': [
    config => `${config}loki.process "x" {\n}\n`,
    /line \d+: loki\.process is not known to this stand-in/,
  ],
  'an attribute that it does not know': [
    config =>
      config.replace('refresh_interval = "5s"\n}', 'refresh_interval = "5s"\n  filter = "x"\n}'),
    /discovery\.docker: the attribute filter is not known/,
  ],
  'a label that it does not know': [
    config => config.replace('__meta_docker_container_name', '__meta_docker_network_name'),
    /line \d+: the label __meta_docker_network_name is not known/,
  ],
  'an action that it does not know': [
    config => config.replace('target_label  = "stack"', 'action = "labelmap"'),
    /the action labelmap is not known/,
  ],
  'a function that it does not know': [
    config => config.replace('sys.env("NODE_NAME")', 'file.path_join("a")'),
    /line \d+: the function file\.path_join is not known/,
  ],
  'targets that lead nowhere': [
    config =>
      config.replace('discovery.relabel.containers.output', 'discovery.relabel.others.output'),
    /not targets of discovery\.docker/,
  ],
  'another receiver': [
    config => config.replace('[loki.write.loki.receiver]', '[loki.write.other.receiver]'),
    /must forward to one loki\.write/,
  ],
  'broken syntax': [
    config => config.replace('level = "warn"', 'level = '),
    /line 3: a value is expected, not \}/,
  ],
}
for (const [what, [change, message]] of Object.entries(refused))
  test(`${what} ends it with the line and the word`, async ({ ship }) => {
    const changed = change(alloyConfig)
    assert.is.not(changed, alloyConfig)
    const shipper = ship(changed)
    await waitUntil('it has ended', () => shipper.process.exitCode !== null, 20)
    assert.is(shipper.process.exitCode, 1)
    assert.match(shipper.text(), message)
  })

test.run()
