import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { Unknown } from '../../../../lib/operation.ts'
import { printStack, readStack } from '../../../../lib/operations/stack/state.ts'
import { makeDockerShim } from '../../../support/docker-shim.ts'
import { makeOutput } from '../../../support/operations.ts'

const task = (id: string, state: string, at: string) => ({
  ID: id,
  Version: { Index: 7 },
  CreatedAt: at,
  UpdatedAt: at,
  Labels: {},
  Spec: { ContainerSpec: { Image: 'nginx:1', Env: ['A={"ID":"x"}'] } },
  ServiceID: 'web',
  Slot: 1,
  NodeID: `node-${id}`,
  Status: {
    Timestamp: at,
    State: state,
    Message: `message of ${id}`,
    ...(state === 'running'
      ? { ContainerStatus: { ContainerID: id, PID: 7, ExitCode: 0 } }
      : { Err: 'no suitable node' }),
    PortStatus: { Ports: [{ TargetPort: 80, PublishedPort: 80 }] },
  },
  DesiredState: 'running',
  NetworksAttachments: [{ Network: { ID: id, Spec: {} }, Addresses: [`10.0.0.${id}/24`] }],
})
const service = (running: number) => ({
  ID: 'web',
  Version: { Index: 3 },
  Spec: { Name: 's_web', Labels: {}, TaskTemplate: { ContainerSpec: { Image: 'nginx:1' } } },
  ServiceStatus: { RunningTasks: running, DesiredTasks: 2, CompletedTasks: 0 },
})

const probe = (running: number, tasks: readonly object[]): string => {
  const shim = makeDockerShim('exit 0')
  const bodies = [[service(running)], tasks, [], [], []]
  writeFileSync(
    join(shim.folder, 'answer'),
    bodies.map(body => `${JSON.stringify(body)}\n200\n`).join(''),
  )
  writeFileSync(join(shim.folder, 'curl'), `#!/bin/sh\ncat ${shim.folder}/answer\n`, {
    mode: 0o755,
  })
  const text = printStack('s', [], [])
    .text.replace(/\[ -S [^\n]*/, ':')
    .replaceAll('/var/lib/brd', shim.folder)
  const { stdout, stderr } = spawnSync('sh', ['-c', text], {
    encoding: 'utf8',
    env: { PATH: `${shim.folder}:${process.env['PATH']}` },
  })
  shim.remove()
  assert.is(stderr, '')
  return stdout
}

test('while tasks end and start again, the stack reads the same', () => {
  const first = probe(1, [task('1', 'running', '2026-01-01T00:00:00Z'), task('2', 'starting', 'x')])
  const later = probe(0, [task('4', 'preparing', 'y'), task('3', 'running', 'z')])
  assert.is(first, later)
})

test('what counts of a task is still there: how many run, on which version, and why not', () => {
  const state = readStack(
    makeOutput(probe(1, [task('1', 'running', 'x'), task('2', 'pending', 'x')])),
    [],
  )
  assert.ok(!(state instanceof Unknown))
  const counted = (state as Exclude<typeof state, Unknown>).tasks.get('web')
  assert.equal(counted, { running: 1, current: 0, error: 'no suitable node' })
})

test('a stack without tasks', () => {
  const state = readStack(makeOutput(probe(0, [])), [])
  assert.ok(!(state instanceof Unknown))
  assert.equal((state as Exclude<typeof state, Unknown>).tasks.get('web'), {
    running: 0,
    current: 0,
  })
})

test.run()
