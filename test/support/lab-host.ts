import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { type ConvergeResult, converge } from '../../lib/converge/converge.ts'
import { labPath } from '../../lib/inventory/lab-home.ts'
import type { Operation } from '../../lib/operation.ts'
import { renderBootScript } from '../../lib/transport/root-shell.ts'
import { Session } from '../../lib/transport/session.ts'
import { connect } from '../../lib/transport/ssh/connect.ts'
import { openRootShell } from '../../lib/transport/ssh/sudo.ts'
import { skip } from '../../scripts/test/skip.ts'

type Lab = {
  hosts: Record<string, { address: string; port: number; user: string }>
  key: string
  knownHosts: string
}

/**
 * A host of the lab: run operations on it with the real engine over ssh, and scripts as root beside
 * it.
 */
export type LabHost = {
  readonly address: string
  readonly converge: (ops: readonly Operation[], check?: boolean) => Promise<ConvergeResult>
  /** Runs a script as root through a login of its own; its stdout. Throws where it fails. */
  readonly root: (script: string) => string
  readonly end: () => Promise<void>
}

/** The lab's host of this name; skips the suite where the lab is down. */
export const openLabHost = (name: string): LabHost => {
  if (!existsSync(labPath('lab.json'))) skip('the lab is down: npx zx scripts/lab.ts up')
  const lab: Lab = JSON.parse(readFileSync(labPath('lab.json'), 'utf8'))
  const host = lab.hosts[name]
  if (!host) return skip(`the lab has no host ${name}`)
  const target = {
    host: name,
    ...host,
    identityFiles: [lab.key],
    identitiesOnly: true,
    agent: null,
    knownHosts: [lab.knownHosts],
  }
  const session = new Session({
    host: name,
    connect: () => connect(target),
    rootShell: connection => openRootShell(connection, { become: 'sudo' }, renderBootScript()),
  })
  return {
    address: host.address,
    converge: (ops, check = false) =>
      converge(ops, {
        host: name,
        shell: away => session.shell(away),
        login: { anew: () => session.anew(), beside: work => session.beside(work) },
        check,
        allowDisruption: true,
      }),
    root: script => ssh(lab, host, script),
    end: () => session.end(),
  }
}

const ssh = (
  { key, knownHosts }: Lab,
  { address, port, user }: Lab['hosts'][string],
  script: string,
): string => {
  const options = [
    '-i',
    key,
    '-p',
    String(port),
    '-o',
    `UserKnownHostsFile=${knownHosts}`,
    '-o',
    'IdentitiesOnly=yes',
    '-o',
    'BatchMode=yes',
    '-o',
    'ConnectTimeout=10',
  ]
  const { status, stdout, stderr } = spawnSync(
    'ssh',
    [...options, `${user}@${address}`, 'sudo -n sh -eu'],
    {
      input: script,
      encoding: 'utf8',
      timeout: 120_000,
    },
  )
  if (status !== 0) throw new Error(`exit ${status}: ${stderr.trim()}`)
  return stdout
}

type Live = {
  readonly before?: string
  readonly after?: (host: LabHost) => void | Promise<void>
  readonly kinds?: readonly string[]
}

/**
 * On a host of the lab: check mode says what would change or what it waits for, one run changes
 * exactly what was named (and does
 * not touch what was called ok), and the next changes nothing in one round trip.
 */
export const settlesLive = (
  host: () => LabHost,
  title: string,
  make: () => readonly Operation[],
  { before, after, kinds }: Live = {},
): void => {
  test(title, async () => {
    const there = host()
    if (before) there.root(before)
    const ops = make()
    const foretold = (await there.converge(ops, true)).outcomes
    const first = await there.converge(ops)
    assert.is(first.result, 'ok', JSON.stringify(first.error))
    for (const [i, outcome] of first.outcomes.entries()) {
      const told = foretold[i]
      if (told?.is === 'would-change')
        assert.equal(outcome, { is: 'changed', diff: told.diff, foreseen: true }, ops[i]?.id)
      else if (told?.is === 'ok')
        assert.is(outcome.is, 'ok', `${ops[i]?.id} was called ok by check mode`)
      else assert.is(told?.is, 'unknown', ops[i]?.id)
    }
    if (kinds)
      assert.equal(
        first.outcomes.map(({ is }) => is),
        kinds,
      )
    const second = await there.converge(ops)
    assert.equal(
      [second.result, second.trips, second.outcomes.map(({ is }) => is)],
      ['ok', 1, ops.map(() => 'ok')],
      JSON.stringify(second.outcomes),
    )
    await after?.(there)
  })
}
