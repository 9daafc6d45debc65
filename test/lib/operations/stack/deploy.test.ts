import { spawnSync } from 'node:child_process'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { deployStack, settleStack } from '../../../../lib/operations/stack/apply.ts'
import type { StackState } from '../../../../lib/operations/stack/state.ts'
import { deriveStack } from '../../../../lib/operations/stack/wanted.ts'
import { makeSpec, makeSwarmShim, type SwarmShim } from '../../../support/swarm-shim.ts'

const SHELLS = ['dash', 'bash', 'busybox sh'].filter(
  shell => spawnSync('sh', ['-c', `command -v ${shell.split(' ')[0]}`]).status === 0,
)
const service = {
  image: 'image:1',
  networks: ['none'],
  deploy: { endpoint_mode: 'dnsrr' },
} as const
const want = (rollbackStack = true) =>
  deriveStack({
    name: 's',
    compose: { services: { web: service, new: service }, networks: { none: { external: true } } },
    timeoutSeconds: 20,
    holdSeconds: 0,
    rollbackStack,
  })
const readNow = (swarm: SwarmShim): StackState =>
  ({
    services: new Map(
      Object.keys(swarm.read()).map(Name => [Name, { Spec: { Name }, Version: { Index: 7 } }]),
    ),
  }) as unknown as StackState
const deployText = (swarm: SwarmShim): string =>
  deployStack({ want: want(), now: readNow(swarm), configs: [], secrets: [], image: false }).text
const deploy = (swarm: SwarmShim, shell: string, how: string, rollbackStack = true) =>
  swarm.run(
    shell,
    deployStack({
      want: want(rollbackStack),
      now: readNow(swarm),
      configs: [],
      secrets: [],
      image: false,
    }),
    how,
  )

/** What a deploy does: the changed service, the pruned one, the new one. */
const changed =
  `change s_web '{"Name":"s_web","v":2}'; rm -r $S/s_old; ` + `change s_new '{"Name":"s_new"}'`
const before = { s_web: makeSpec('s_web', { v: 1 }), s_old: makeSpec('s_old') }

/** In each shell, with a stack of two services: one will change, one is no longer wanted. */
const inEachShell = (title: string, body: (swarm: SwarmShim, shell: string) => void): void => {
  for (const shell of SHELLS)
    test(`${title} (${shell})`, () => {
      const swarm = makeSwarmShim()
      try {
        swarm.add('s_web', { v: 1 })
        swarm.add('s_old')
        body(swarm, shell)
      } finally {
        swarm.remove()
      }
    })
}

inEachShell(
  'a deploy that works: nothing goes back, and what it ended with is kept',
  (swarm, shell) => {
    const { status, stderr } = deploy(swarm, shell, changed)
    assert.is(status, 0, stderr)
    assert.equal(Object.keys(swarm.read()), ['s_new', 's_web'])
    assert.is(swarm.kept('s.before'), null)
    assert.is(swarm.kept('s.images'), 's_new image@sha256:1\ns_web image@sha256:1\n')
  },
)

inEachShell(
  'a deploy that fails half-way goes back as one: the removed service too',
  (swarm, shell) => {
    const { status, stderr } = deploy(swarm, shell, `${changed}; echo broken >&2; exit 1`)
    assert.is(status, 1)
    assert.equal(swarm.read(), before)
    assert.match(stderr, /s_new is new: removed\ns_old was removed: created again\n/)
    assert.match(stderr, /the previous version runs again/)
    assert.is(swarm.kept('s.before'), null)
  },
)

inEachShell('a service that does not come up takes the others back', (swarm, shell) => {
  const { status, stderr } = deploy(swarm, shell, `${changed}; echo paused >$S/s_web/update`)
  assert.is(status, 1)
  assert.equal(swarm.read(), before)
  assert.match(stderr, /s_web: its update is paused/)
  assert.ok(swarm.calls().includes('service rollback --detach s_web'))
})

inEachShell('without rollbackStack only Docker rolls back', (swarm, shell) => {
  const { status, stderr } = deploy(swarm, shell, `${changed}; exit 1`, false)
  assert.is(status, 1)
  assert.equal(Object.keys(swarm.read()), ['s_new', 's_web'])
  assert.not.match(stderr, /rolling the whole stack back/)
})

inEachShell(
  'a run that was killed: the next deploy goes back to what was before both',
  (swarm, shell) => {
    const killed = deploy(swarm, shell, `${changed}; kill -9 $MAIN $PPID`)
    assert.is.not(killed.status, 0)
    assert.is(
      swarm.kept('s.before'),
      `s_old ${before.s_old}\ns_web ${before.s_web}\n`,
      'what was before is on the disk',
    )
    const now = {
      services: new Map([
        ['new', { Spec: { Name: 's_new' }, Version: { Index: 1 } }],
        ['web', { Spec: { Name: 's_web' }, Version: { Index: 8 } }],
      ]),
    } as unknown as StackState
    const script = deployStack({ want: want(), now, configs: [], secrets: [], image: false })
    const again = `change s_web '{"Name":"s_web","v":3}'; exit 1`
    const { status, stderr } = swarm.run(shell, script, again)
    assert.is(status, 1)
    assert.equal(swarm.read(), before, stderr)
    assert.is(swarm.kept('s.before'), null)
  },
)

inEachShell('a run that was killed: a settle that fails goes back, too', (swarm, shell) => {
  deploy(swarm, shell, `${changed}; echo paused >$S/s_web/update; kill -9 $MAIN $PPID`)
  const { status, stderr } = swarm.run(shell, settleStack(want(), false))
  assert.is(status, 1)
  assert.equal(swarm.read(), before, stderr)
})

inEachShell('a settle ends the deploy of a run that was killed', (swarm, shell) => {
  deploy(swarm, shell, `${changed}; kill -9 $MAIN $PPID`)
  const { status, stderr } = swarm.run(shell, settleStack(want(), false))
  assert.is(status, 0, stderr)
  assert.equal([swarm.kept('s.before'), Object.keys(swarm.read())], [null, ['s_new', 's_web']])
})

inEachShell('a settle alone rolls nothing back: it follows no deploy', (swarm, shell) => {
  const { status, stderr } = swarm.run(shell, {
    text: `echo paused >${swarm.folder}/services/s_web/update\n${settleStack(want(), false).text}`,
  })
  assert.is(status, 1)
  assert.equal(swarm.read(), before)
  assert.not.match(stderr, /rolling/)
})

inEachShell('a rollback that is not complete is kept for the next run', (swarm, shell) => {
  const broken = { text: deployText(swarm).replaceAll('curl --silent', 'false') }
  const { status, stderr } = swarm.run(shell, broken, `${changed}; exit 1`)
  assert.is(status, 1)
  assert.match(stderr, /s_old could not be created again/)
  assert.match(stderr, /the rollback is not complete/)
  assert.match(swarm.kept('s.before') ?? '', /^s_old /)
})

for (const shell of SHELLS)
  test(`a stack of which no task is wanted is well (${shell})`, () => {
    const swarm = makeSwarmShim()
    try {
      const { status, stderr } = deploy(
        swarm,
        shell,
        `for one in s_web s_new; do change $one '{}'; echo 0/0 >$S/$one/state; done`,
      )
      assert.is(status, 0, stderr)
    } finally {
      swarm.remove()
    }
  })

test.run()
