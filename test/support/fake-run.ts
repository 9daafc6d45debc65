#!/usr/bin/env -S npx zx
import { setTimeout as after } from 'node:timers/promises'
/**
 * Plays a made-up run: `npx zx test/support/fake-run.ts [--hosts N] [--speed N] [--kind auto]
 * [--check] [--diff] [-v]`.
 */
import { parseArgs } from 'node:util'
import type { EventBody, Listed, Outcome } from '../../lib/events.ts'
import type { Diff } from '../../lib/operation.ts'
import { createReport, createScreen } from '../../lib/report/report.ts'
import { wantsColor } from '../../lib/report/style.ts'

export const makeHostNames = (n: number): string[] =>
  n === 1
    ? ['infra-stage']
    : n === 4
      ? ['old-one', 'old-two', 'new-prod', 'infra-stage']
      : Array.from({ length: n }, (_, i) => `web${String(i + 1).padStart(2, '0')}.shop.example`)

const op = (role: string, kind: string, name: string): Listed => ({
  kind,
  name,
  role,
  tags: [role],
})

export const FAKE_OPERATIONS: readonly Listed[] = [
  op('base', 'file', '/etc/motd'),
  op('base', 'apt', 'curl, gnupg, unattended-upgrades'),
  op('base', 'sysctl', 'vm.overcommit_memory'),
  op('sshd', 'file', '/etc/ssh/sshd_config.d/50-brd.conf'),
  op('sshd', 'service', 'ssh'),
  op('docker', 'apt', 'docker.io'),
  op('docker', 'file', '/etc/docker/daemon.json'),
  op('docker', 'service', 'docker'),
  op('swarm', 'swarm', 'manager'),
  op('swarm', 'network', 'public'),
]

const motd = 'Welcome to infra-stage\n\nmanaged\nby\nhand\n'
const diffs: Record<number, Diff> = {
  0: [
    {
      key: 'content',
      before: motd,
      after: motd.replace('hand', 'brd: do not edit by hand'),
      text: true,
    },
    { key: 'mode', before: '600', after: '644' },
  ],
  1: [{ key: 'packages', before: 'curl', after: 'curl, gnupg, unattended-upgrades' }],
  2: [{ key: 'value', before: '0', after: '1' }],
  3: [
    {
      key: 'content',
      before: null,
      after: 'PasswordAuthentication no\nPermitRootLogin no\n',
      text: true,
    },
    { key: 'mode', before: null, after: '644' },
  ],
  4: [{ key: 'reloaded for', before: 'never', after: '/etc/ssh/sshd_config.d/50-brd.conf' }],
  5: [{ key: 'docker.io', before: null, after: '24.0.5' }],
  6: [{ key: 'content', before: null, after: '{\n  "log-driver": "json-file"\n}\n', text: true }],
  7: [{ key: 'active', before: 'no', after: 'yes' }],
  8: [{ key: 'state', before: null, after: 'manager' }],
  9: [{ key: 'old-network', before: 'present', after: null }],
}

type Plot = {
  readonly hosts: readonly string[]
  readonly check: boolean
  readonly converged?: boolean
  readonly troubles?: boolean
  readonly wide?: boolean
}

/** What happens in the run, each with the milliseconds since the one before. */
export function* tellStory({
  hosts,
  check,
  converged = false,
  troubles = true,
  wide = false,
}: Plot): Generator<readonly [ms: number, event: EventBody]> {
  const listed = wide
    ? Array.from({ length: 30 }, (_, i) => op(`step-${i + 1}`, 'file', `/srv/${i + 1}`))
    : FAKE_OPERATIONS
  yield [0, { type: 'run-started', playbook: 'bootstrap-infra-stage', check, hosts }]
  yield [1, { type: 'note', text: 'traefik is a stand-in: no registry could be reached' }]
  yield [1, { type: 'play-started', play: 0, name: 'hosts', hosts }]
  const down = troubles && hosts.length > 2 ? hosts[1] : undefined
  const broken = troubles && hosts.length > 1 ? hosts[2] : undefined
  const up = hosts.filter(host => host !== down)
  for (const host of up) yield [5, { type: 'host-connected', host, ms: 48 }]
  if (down) {
    const error = {
      message: `connect to 192.0.2.12 port 22: no route to host`,
      next: 'is the host running? try: ssh root@192.0.2.12',
    }
    yield [
      30,
      { type: 'host-finished', host: down, result: 'unreachable', trips: 0, ms: 10_004, error },
    ]
  }
  for (const host of up) yield [3, { type: 'host-listed', host, play: 0, ops: listed }]
  for (const host of up) yield [3, { type: 'round-started', host, round: 1, changes: 0 }]
  const settle = (host: string, at: number, outcome: Outcome, ms: number): EventBody => ({
    type: 'op-settled',
    host,
    op: at,
    outcome,
    ms,
  })
  const failed = new Set<string>()
  for (const at of listed.keys()) {
    const diff = diffs[at] ?? []
    if (converged) {
      for (const host of up) yield [1, settle(host, at, { is: 'ok' }, 3)]
      continue
    }
    if (check) {
      const outcome: Outcome =
        at >= 7
          ? { is: 'unknown', why: 'until apt docker.io' }
          : at === 2
            ? { is: 'ok' }
            : {
                is: 'would-change',
                diff,
                ...(at === 6 ? { disruptive: 'Docker restarts: 4 containers stop' } : {}),
              }
      for (const host of up) yield [1, settle(host, at, outcome, 3)]
      continue
    }
    for (const host of up.filter(one => !failed.has(one))) {
      yield [10, { type: 'op-started', host, op: at }]
      if (at === 5)
        yield [10, { type: 'op-output', host, op: at, text: 'Setting up docker.io (24.0.5) ...\n' }]
    }
    for (const host of up) {
      if (failed.has(host)) yield [1, settle(host, at, { is: 'not-reached' }, 0)]
      else if (host === broken && at === 7) {
        failed.add(host)
        const stderr =
          'Job for docker.service failed because the control process exited with error code.\nSee "systemctl status docker.service" and "journalctl -xeu docker.service" for details.\n'
        yield [
          900,
          settle(
            host,
            at,
            {
              is: 'failed',
              error: {
                message: 'docker is not active 30 s after its start (exit 1)',
                stderr,
                next: `look at: journalctl --unit docker --lines 50`,
              },
            },
            30_100,
          ),
        ]
      } else if (at === 2) yield [10, settle(host, at, { is: 'ok' }, 2)]
      else
        yield [
          at === 5 ? 200 : 40,
          settle(host, at, { is: 'changed', diff, foreseen: at !== 4 }, at === 5 ? 41_300 : 320),
        ]
    }
  }
  for (const host of up)
    yield [
      5,
      {
        type: 'host-finished',
        host,
        result: failed.has(host) ? 'failed' : 'ok',
        trips: converged || check ? 1 : 4,
        ms: 61_200,
      },
    ]
  yield [5, { type: 'run-finished', exitCode: failed.size > 0 ? 2 : down ? 4 : 0, ms: 72_300 }]
}

const main = async (): Promise<void> => {
  const { values } = parseArgs({
    args: process.argv.slice(process.argv.findIndex(arg => arg.endsWith('fake-run.ts')) + 1),
    options: {
      hosts: { type: 'string', default: '4' },
      speed: { type: 'string', default: '1' },
      kind: { type: 'string', default: 'auto' },
      check: { type: 'boolean', default: false },
      converged: { type: 'boolean', default: false },
      ask: { type: 'boolean', default: false },
      wide: { type: 'boolean', default: false },
      diff: { type: 'boolean', default: false },
      verbose: { type: 'boolean', short: 'v', default: false },
    },
  })
  const { stdout } = process
  const isTTY = stdout.isTTY ?? false
  const kind = values.kind as 'auto'
  const view = createScreen({
    kind,
    stdout,
    isTTY,
    columns: stdout.columns ?? 0,
    diff: values.diff,
    verbose: values.verbose,
    color: wantsColor(isTTY, process.env),
  })
  const renderer = createReport({ views: [view] })
  process.on('SIGINT', () => void renderer.close().then(() => process.exit(130)))
  let at = 0
  for (const [ms, event] of tellStory({
    hosts: makeHostNames(Number(values.hosts)),
    check: values.check,
    converged: values.converged,
    wide: values.wide,
  })) {
    if (Number(values.speed) > 0) await after(ms / Number(values.speed))
    at += ms
    renderer.event({ ...event, at })
    if (values.ask && event.type === 'op-settled' && event.op === 3 && event.host === 'old-one')
      await renderer.quietly(async () => {
        stdout.write('password? ')
        await after(2000)
        stdout.write('given\n')
      })
  }
  await renderer.close()
}

if (process.argv.some(arg => arg.endsWith('fake-run.ts'))) await main()
