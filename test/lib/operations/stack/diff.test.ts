import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { compareStacks } from '../../../../lib/operations/stack/diff.ts'
import type { StackState } from '../../../../lib/operations/stack/state.ts'
import type { WantedStack } from '../../../../lib/operations/stack/wanted.ts'

const test = suite('the differences of a stack')

const network = { Id: 'n1', Name: 's_inner' }
const spec = (image?: string) => ({
  Name: 's_web',
  Labels: { 'com.docker.stack.namespace': 's' },
  TaskTemplate: { ContainerSpec: image === undefined ? {} : { Image: image } },
  Mode: { Replicated: { Replicas: 1 } },
})
const web = (more = {}) => ({ ID: 'id', Version: { Index: 1 }, Spec: spec('web:1'), ...more })

const makeNow = (more: object): StackState =>
  ({
    services: new Map(),
    tasks: new Map(),
    networks: new Map(),
    configs: [],
    secrets: [],
    contents: new Map(),
    images: new Map(),
    before: null,
    ...more,
  }) as unknown as StackState
const makeWant = (more: object): WantedStack =>
  ({
    name: 's',
    services: new Map(),
    replicas: new Map(),
    networks: new Map(),
    external: [],
    objects: { configs: {}, secrets: {}, environment: {} },
    configs: new Map(),
    secrets: new Map(),
    environmentSecrets: new Map(),
    ...more,
  }) as unknown as WantedStack

const lines = (differences: readonly { key: string; before: unknown; after: unknown }[]) =>
  differences.map(({ key, before, after }) => `${key}: ${before} -> ${after}`)

const networks = (now: object, want: object = {}) =>
  lines(
    compareStacks(
      makeNow({ networks: new Map([['n1', { ...network, ...now }]]) }),
      makeWant({ networks: new Map([['s_inner', want]]) }),
    ).networks,
  )
const options = (key: string, value = '') => ({ Options: { [key]: value } })

test('a network of the defaults differs in nothing', () => {
  assert.equal(networks({}), [])
  assert.equal(networks({ Driver: 'overlay', Options: null, IPAM: { Config: null } }), [])
  assert.equal(networks({ IPAM: { Config: [] } }), [])
  // Docker chooses the subnet if none is wanted.
  assert.equal(networks({ IPAM: { Config: [{ Subnet: '10.0.1.0/24' }] } }), [])
})

test('each field of a network that cannot be changed is shown', () => {
  const mtu = 'com.docker.network.driver.mtu'
  const rows: readonly (readonly [object, object, string])[] = [
    [{ Attachable: true }, {}, 'network s_inner.attachable: true -> false'],
    [{}, { attachable: true }, 'network s_inner.attachable: false -> true'],
    [{ Internal: true }, {}, 'network s_inner.internal: true -> false'],
    [{ Driver: 'bridge' }, {}, 'network s_inner.driver: bridge -> overlay'],
    [options('encrypted'), {}, 'network s_inner.encrypted: true -> false'],
    [{}, { encrypted: true }, 'network s_inner.encrypted: false -> true'],
    [options(mtu, '1400'), {}, 'network s_inner.mtu: 1400 -> null'],
    [{}, { mtu: 1400 }, 'network s_inner.mtu: null -> 1400'],
    [options(mtu, '1400'), { mtu: 1350 }, 'network s_inner.mtu: 1400 -> 1350'],
    [
      { IPAM: { Config: [{ Subnet: '10.0.1.0/24' }] } },
      { subnet: '10.0.2.0/24' },
      'network s_inner.subnet: 10.0.1.0/24 -> 10.0.2.0/24',
    ],
    [{}, { subnet: '10.0.2.0/24' }, 'network s_inner.subnet: null -> 10.0.2.0/24'],
  ]
  for (const [now, want, line] of rows) assert.equal(networks(now, want), [line])
  assert.equal(networks(options(mtu, '1400'), { mtu: 1400 }), [])
})

test('a network that nobody wants is garbage if its name is of this stack', () => {
  const names = ['s_old', 's_inner', 's_shared', 'other_old', 'proxy']
  const { garbage, specification } = compareStacks(
    makeNow({ networks: new Map(names.map(Name => [Name, { Id: Name, Name }])) }),
    makeWant({ networks: new Map([['s_inner', {}]]), external: ['s_shared', 'proxy'] }),
  )
  assert.equal(lines(garbage), ['unused network s_old: kept -> null'])
  assert.equal(specification, [])
})

test('a network that is missing, and services that are no longer wanted', () => {
  const gone = compareStacks(
    makeNow({
      services: new Map([
        ['web', web()],
        ['odd', { ...web(), Spec: spec() }],
      ]),
    }),
    makeWant({ networks: new Map([['s_inner', {}]]) }),
  )
  assert.equal(lines(gone.specification), [
    'web: web:1 -> null',
    'odd: running -> null',
    'network s_inner: null -> overlay',
  ])
})

test('configs and secrets that neither the stack nor the file uses are garbage', () => {
  const { garbage } = compareStacks(
    makeNow({ configs: ['s_a_1', 's_a_2'], secrets: ['s_k_1', 's_k_2'] }),
    makeWant({ configs: new Map([['s_a_2', 'text']]), secrets: new Map([['s_k_2', null]]) }),
  )
  assert.equal(lines(garbage), [
    'unused config s_a_1: kept -> null',
    'unused secret s_k_1: kept -> null',
  ])
})

const convergence = (
  service: object,
  tasks: object | null,
  replicas: number | 'global' | undefined = 1,
): string[] =>
  lines(
    compareStacks(
      makeNow({
        services: new Map([['web', web(service)]]),
        tasks: new Map(tasks === null ? [] : [['id', tasks]]),
      }),
      makeWant({
        services: new Map([['web', {}]]),
        replicas: new Map(replicas === undefined ? [] : [['web', replicas]]),
      }),
    ).convergence,
  )
const ran = (running: number, current = running, error?: string) => ({
  running,
  current,
  ...(error === undefined ? {} : { error }),
})

test('tasks that are to run are counted on this version', () => {
  assert.equal(convergence({}, ran(1)), [])
  assert.equal(convergence({}, ran(3), 3), [])
  assert.equal(convergence({}, ran(0), 0), [])
  assert.equal(convergence({}, null), ['web.tasks: 0 of 1 running -> 1 of 1 running'])
  assert.equal(convergence({}, ran(2), 1), ['web.tasks: 2 of 1 running -> 1 of 1 running'])
  assert.equal(convergence({}, ran(2, 1), 2), [
    'web.tasks: 1 of 2 on this version -> 2 of 2 running',
  ])
  assert.equal(convergence({}, ran(1, 1, 'exit 7'), 2), [
    'web.tasks: 1 of 2 running (exit 7) -> 2 of 2 running',
  ])
})

test('a global service runs on as many nodes as Docker says, on one at least', () => {
  const nodes = (DesiredTasks: number) => ({ ServiceStatus: { DesiredTasks } })
  assert.equal(convergence(nodes(3), ran(3), 'global'), [])
  assert.equal(convergence({}, ran(1), 'global'), [])
  assert.equal(convergence(nodes(0), ran(0), 'global'), [
    'web.tasks: 0 of 1 running -> 1 of 1 running',
  ])
  assert.equal(convergence(nodes(3), ran(2), 'global'), [
    'web.tasks: 2 of 3 running -> 3 of 3 running',
  ])
})

test('an update that goes on, or stopped, is shown with what Docker says of it', () => {
  const state = (State: string, Message?: string) => ({ UpdateStatus: { State, Message } })
  assert.equal(convergence(state('completed'), ran(1)), [])
  assert.equal(convergence(state('rollback_completed'), ran(1)), [])
  assert.equal(convergence(state('updating'), ran(1)), ['web.update: updating -> completed'])
  assert.equal(convergence(state('paused', 'task failed'), ran(1)), [
    'web.update: paused: task failed -> completed',
  ])
  assert.equal(convergence(state('rollback_paused'), ran(1)), [
    'web.update: rollback_paused -> completed',
  ])
})

test.run()
