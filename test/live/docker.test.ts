import { readFileSync } from 'node:fs'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { Compose, ComposeService } from '../../lib/compose/compose.ts'
import type { ConvergeResult } from '../../lib/converge/converge.ts'
import { labPath } from '../../lib/inventory/lab-home.ts'
import type { DaemonSettings } from '../../lib/operations/docker/daemon.ts'
import { docker } from '../../lib/operations/docker.ts'
import { stack } from '../../lib/operations/stack.ts'
import { swarm } from '../../lib/operations/swarm.ts'
import { Secret } from '../../lib/secret.ts'
import { type LabHost, openLabHost, settlesLive } from '../support/lab-host.ts'
import { leaveSwarm } from '../support/reset-hosts.ts'
import { waitUntil } from '../support/run-playbook.ts'

let host: LabHost
let ours = false
test.before(async () => {
  host = openLabHost('old-two')
  await leaveSwarm(host, 'old-two')
  ours = true
})
test.after(async () => {
  if (ours)
    host.root(
      'docker stack rm brd-test >/dev/null 2>&1; docker swarm leave --force >/dev/null 2>&1; sleep 3; docker ps --all --quiet | xargs --no-run-if-empty docker rm --force >/dev/null; docker image rm --force brd-test/tiny:1 brd-test/tiny:2 >/dev/null 2>&1; docker volume prune --force >/dev/null; rm -f /tmp/brd-test.tar',
    )
  await host?.end()
})
const settles = (
  title: string,
  make: Parameters<typeof settlesLive>[2],
  rest?: Parameters<typeof settlesLive>[3],
) => settlesLive(() => host, title, make, rest)

const settings = (more: DaemonSettings = {}): DaemonSettings => {
  const { mirror } = JSON.parse(readFileSync(labPath('lab.json'), 'utf8')) as { mirror: string }
  return {
    'registry-mirrors': [mirror],
    'log-driver': 'json-file',
    'log-opts': { 'max-size': '20m', 'max-file': '5' },
    ...more,
  }
}
const engine = (more?: DaemonSettings) =>
  docker.engine({ package: 'docker.io', settings: settings(more) })

settles('the engine', () => engine())
settles('a swarm, a label, a network', () => [
  swarm.init({ advertiseAddress: host.address, pool: '10.64.0.0/14' }),
  docker.node({ node: 'self', labels: { 'brd.test': '1' } }),
  docker.network({ name: 'brd-test-shared', mtu: 1350 }),
])

test('a setting that is read again is reloaded: the daemon stays', async () => {
  const pid = host.root('systemctl show --property=MainPID docker')
  assert.is((await host.converge(engine({ labels: ['brd=test'] }))).result, 'ok')
  assert.is(host.root('systemctl show --property=MainPID docker'), pid)
  assert.match(host.root("docker info --format '{{.Labels}}'"), /brd=test/)
})

test('a setting that keeps Docker from starting: the old file is back, and it runs', async () => {
  const wrong: DaemonSettings = { 'log-opts': { 'no-such-setting': '1' } }
  const { result, error } = await host.converge(engine({ labels: ['brd=test'], ...wrong }))
  assert.is(result, 'failed')
  says(error?.stderr, /no-such-setting/)
  const again = await host.converge(engine({ labels: ['brd=test'] }), true)
  assert.equal([...new Set(again.outcomes.map(({ is }) => is))], ['ok'])
})

/** An image of the host's own dash, cat and sleep: no registry is asked for it. */
const image = `mkdir -p /tmp/brd-test && cd / && files=$(
  for f in bin/sh bin/sleep bin/cat; do
    echo $f; ldd /$f | grep -o '/[^ ]*' | cut -c2-
  done | sort -u)
tar --create --dereference --file /tmp/brd-test.tar $files
for n in 1 2; do
  docker import --change 'ENV N='$n /tmp/brd-test.tar brd-test/tiny:$n >/dev/null
done`

const web: ComposeService = {
  image: 'brd-test/tiny:1',
  command: ['sh', '-c', 'trap "exit 0" TERM; while :; do sleep 1; done'],
  environment: { MODE: 'live', PRICE: '$5' },
  networks: ['inner', 'brd-test-shared'],
  configs: [{ source: 'site', target: '/etc/site.conf' }],
  secrets: [{ source: 'key' }],
  stop_grace_period: '2s',
  deploy: {
    endpoint_mode: 'dnsrr',
    placement: { constraints: ['node.labels.brd.test==1'] },
    update_config: { order: 'stop-first', monitor: '3s', failure_action: 'rollback' },
  },
}
type Asked = {
  service?: Partial<ComposeService>
  site?: string
  more?: Record<string, ComposeService>
  seconds?: number
  hold?: number
  asOne?: boolean
}
const asked = ({
  service = {},
  site = 'one\n',
  more = {},
  seconds = 90,
  hold = 3,
  asOne = false,
}: Asked = {}) => {
  const compose: Compose = {
    services: { web: { ...web, ...service }, ...more },
    networks: { inner: { mtu: 1350 }, 'brd-test-shared': { external: true } },
  }
  return [
    stack({
      name: 'brd-test',
      compose,
      configs: { site },
      secrets: { key: new Secret('hunter2-$x', 'key') },
      hmac: () => 'abcdef012345',
      timeoutSeconds: seconds,
      holdSeconds: hold,
      rollbackStack: asOne,
    }),
  ]
}
const service = 'docker service ls --quiet --filter label=com.docker.stack.namespace=brd-test'
const says = (text: string | undefined, pattern: RegExp) =>
  assert.ok(pattern.test(text ?? ''), `${pattern} is not in: ${text}`)
const diffOf = ({ outcomes: [outcome] }: ConvergeResult): string[] =>
  outcome && 'diff' in outcome
    ? outcome.diff.map(
        ({ key, before, after }) => `${key}: ${before ?? 'absent'} -> ${after ?? 'absent'}`,
      )
    : [JSON.stringify(outcome)]
const mends = async (expected: readonly string[], want: Asked = {}) => {
  assert.equal(diffOf(await host.converge(asked(want), true)), expected)
  const run = await host.converge(asked(want))
  assert.is(run.result, 'ok', JSON.stringify(run.error))
  assert.equal(diffOf(run), expected)
  const again = await host.converge(asked(want))
  assert.equal([again.trips, again.outcomes[0]?.is], [1, 'ok'], JSON.stringify(again.outcomes))
}

settles('a stack', () => asked(), {
  before: image,
  kinds: ['changed'],
  after: ({ root }) => {
    assert.is(
      root(
        `docker exec $(docker ps --quiet --filter name=brd-test_web) cat /etc/site.conf /run/secrets/key`,
      ),
      'one\nhunter2-$x',
    )
    assert.match(
      root(
        `docker service inspect --format '{{.Spec.TaskTemplate.ContainerSpec.Env}}' $(${service})`,
      ),
      /PRICE=\$5/,
    )
  },
})

/** Does something to the running service by hand, and waits until Swarm is done with it. */
const byHand = async (command: string) => {
  assert.is((await host.converge(asked())).result, 'ok')
  // A service that was only scaled has no update.
  host.root(`${command}
state='{{with .UpdateStatus}}{{.State}}{{end}}'
n=0; sleep 2
until [ -z "$(docker service inspect --format "$state" brd-test_web | grep -v completed)" ]; do
  n=$((n + 1)); [ $n -lt 90 ]; sleep 1
done
until docker service ls --format '{{.Replicas}}' --filter name=brd-test_web |
  grep -q -E '^([0-9]+)/\\1$'; do n=$((n + 1)); [ $n -lt 90 ]; sleep 1; done`)
}

test('what is changed by hand is seen, and mended', async () => {
  await byHand(
    'docker service update --detach --env-add MODE=test --env-add X=1 --limit-memory 64M brd-test_web >/dev/null',
  )
  await mends([
    'web.env MODE: test -> live',
    'web.limits: memory=64M -> absent',
    'web.env X: 1 -> absent',
  ])
})

test('an image that is set by hand is seen, and mended', async () => {
  await byHand(
    'docker service update --detach --image brd-test/tiny:2 brd-test_web >/dev/null 2>&1',
  )
  await mends(['web.image: brd-test/tiny:2 -> brd-test/tiny:1'])
})

test('a service that is scaled, and one that is removed by hand', async () => {
  await byHand('docker service scale --detach brd-test_web=2 >/dev/null')
  await mends(['web.replicas: 2 -> 1'].concat('web.tasks: 2 of 1 running -> 1 of 1 running'))
  host.root('docker service rm brd-test_web >/dev/null; sleep 4')
  const foretold = diffOf(await host.converge(asked(), true))
  assert.ok(foretold.includes('web.image: absent -> brd-test/tiny:1'))
  await mends(foretold)
})

test('an image that is not there: the old one keeps serving, and the error says why', async () => {
  assert.is((await host.converge(asked())).result, 'ok')
  const { result, error } = await host.converge(asked({ service: { image: 'brd-test/tiny:99' } }))
  assert.is(result, 'failed')
  // The swarm may tell of the missing image before or after it has rolled back.
  says(error?.stderr, /brd-test_web: .*No such image: brd-test\/tiny:99/)
  await waitUntil(
    'the old one serves',
    () =>
      host.root('docker ps --filter name=brd-test_web --format "{{.Image}} {{.State}}"') ===
      'brd-test/tiny:1 running\n',
    30,
  )
  const again = await host.converge(asked())
  assert.is(again.result, 'ok', JSON.stringify(again.error))
})

test('a service that crashes again and again: the error holds its last words', async () => {
  const dying: ComposeService = {
    ...web,
    command: ['sh', '-c', 'echo last words; exit 3'],
    configs: [],
    secrets: [],
    deploy: { ...web.deploy, restart_policy: { delay: '1s' } },
  }
  const { result, error } = await host.converge(asked({ more: { dying } }))
  assert.is(result, 'failed')
  says(error?.stderr, /brd-test_dying: its tasks fail again and again: task: non-zero exit \(3\)/)
  says(error?.stderr, /last words/)
  const again = await host.converge(asked())
  assert.is(again.result, 'ok', JSON.stringify(again.error))
})

test('a service that ends after eight seconds is not well', async () => {
  const dying: ComposeService = {
    ...web,
    command: ['sh', '-c', 'sleep 8; exit 3'],
    configs: [],
    secrets: [],
    deploy: { ...web.deploy, restart_policy: { delay: '1s' } },
  }
  const { result, error } = await host.converge(asked({ more: { dying }, hold: 11 }))
  assert.is(result, 'failed')
  says(error?.stderr, /brd-test_dying: its tasks fail again and again: task: non-zero exit \(3\)/)
  assert.is((await host.converge(asked())).result, 'ok')
})

test('a stack goes back as one: what was changed, what is new, and what was removed', async () => {
  const { configs: _, secrets: __, ...plain } = web
  const before = await host.converge(asked({ more: { extra: plain }, asOne: true }))
  assert.is(before.result, 'ok', JSON.stringify(before.error))
  const specifications = () =>
    host.root(`docker service inspect --format '{{json .Spec}}' $(${service}) | sort`)
  const was = specifications()
  const { result, error } = await host.converge(
    asked({
      service: { environment: { MODE: 'next' } },
      more: { broken: { ...plain, image: 'brd-test/tiny:99' } },
      asOne: true,
    }),
  )
  assert.is(result, 'failed')
  says(error?.stderr, /brd-test_extra was removed: created again/)
  says(error?.stderr, /brd-test_broken is new: removed/)
  says(error?.stderr, /the previous version runs again/)
  assert.is(specifications(), was)
  assert.is(host.root('ls /var/lib/brd/stacks').trim(), 'brd-test.images')
  assert.is((await host.converge(asked())).result, 'ok')
})

test('a run that was killed in a deploy is rolled back by the next one', async () => {
  assert.is((await host.converge(asked({ asOne: true }))).result, 'ok')
  const inspect = `docker service inspect --format '{{.Spec.Name}} {{json .Spec}}' brd-test_web`
  // What a deploy keeps before it begins, and the first that it does.
  host.root(`${inspect} >/var/lib/brd/stacks/brd-test.before
docker service update --detach --env-add MODE=half brd-test_web >/dev/null; sleep 3`)
  const { result, error } = await host.converge(
    asked({ service: { image: 'brd-test/tiny:99' }, asOne: true }),
  )
  assert.is(result, 'failed')
  says(error?.stderr, /the previous version runs again/)
  assert.equal(diffOf(await host.converge(asked({ asOne: true }), true)), ['{"is":"ok"}'])
})

test('a service that no node may take', async () => {
  const lost: ComposeService = {
    ...web,
    deploy: { ...web.deploy, placement: { constraints: ['node.labels.brd.test==2'] } },
  }
  const { result, error } = await host.converge(asked({ more: { lost } }))
  assert.is(result, 'failed')
  says(error?.stderr, /brd-test_lost: no node takes it: no suitable node/)
  assert.is((await host.converge(asked())).result, 'ok')
})

test('a config in its third version: the one before the previous is gone', async () => {
  const configs = () =>
    host
      .root('docker config ls --filter label=com.docker.stack.namespace=brd-test --quiet')
      .trim()
      .split('\n').length
  await mends(['web.config /etc/site.conf: one\n -> two\n'], { site: 'two\n' })
  assert.is(configs(), 2)
  await mends(['web.config /etc/site.conf: two\n -> three\n'], { site: 'three\n' })
  assert.is(configs(), 2)
})

test('a deploy from a plan that is older than the cluster is refused', async () => {
  const [op] = asked({ site: 'four\n' })
  const probe = host.root(op?.probe.text ?? '')
  const plan = op?.decide(
    { exitCode: 0, stdout: Buffer.from(probe), stderr: '' },
    { pending: () => false },
  )
  host.root('docker service update --detach --label-add moved=1 brd-test_web >/dev/null; sleep 2')
  assert.ok(plan && 'apply' in plan)
  assert.throws(() => host.root(plan.apply.text), /the stack was changed meanwhile/)
})

test('a restart of Docker where containers run is marked as disruptive', async () => {
  const ops = engine({ labels: ['brd=test'], 'log-opts': { 'max-size': '10m' } })
  const { outcomes } = await host.converge(ops, true)
  const daemon = outcomes[ops.findIndex(({ kind }) => kind === 'docker.daemon')]
  assert.match(
    daemon?.is === 'would-change' ? (daemon.disruptive ?? '') : JSON.stringify(daemon),
    /the containers of this host/,
  )
})

settles(
  'a stack that goes, with all that belongs to it',
  () => [stack({ name: 'brd-test', state: 'absent' })],
  {
    kinds: ['changed'],
    after: ({ root }) =>
      assert.is(
        root(
          `${service}; docker config ls --quiet; docker secret ls --quiet; docker network ls --quiet --filter name=brd-test_inner`,
        ),
        '',
      ),
  },
)

test.run()
