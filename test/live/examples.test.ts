import { spawn } from 'node:child_process'
import { rmSync } from 'node:fs'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { Event } from '../../lib/events.ts'
import { type LabHost, openLabHost } from '../support/lab-host.ts'
import { resetHosts } from '../support/reset-hosts.ts'
import {
  listRecords,
  parseEvents,
  type RunResult,
  readLab,
  root,
  zxArguments,
} from '../support/run-playbook.ts'

const host = 'infra-stage'
let there: LabHost
const names = ['lamp', 'rolling-upgrade', 'users']
const before = new Set(names.flatMap(listRecords))
test.before(async () => {
  readLab()
  there = openLabHost(host)
  await resetHosts(host)
})
test.after(async () => {
  for (const record of names.flatMap(listRecords))
    if (!before.has(record)) rmSync(record, { recursive: true, force: true })
  if (!there) return
  await there.end()
  await resetHosts(host)
})

/** Plays an example on the host; all that happened, and that it ended well. */
const play = async (name: string, ...flags: readonly string[]): Promise<readonly Event[]> => {
  const args = [
    ...zxArguments(`playbooks/examples/${name}.ts`),
    '--lab',
    '--on',
    host,
    '--json',
    ...flags,
  ]
  const { code, stdout, stderr } = await new Promise<Omit<RunResult, 'signal'>>(resolve => {
    const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] })
    let [stdout, stderr] = ['', '']
    child.stdout.on('data', chunk => (stdout += chunk))
    child.stderr.on('data', chunk => (stderr += chunk))
    child.on('close', code => resolve({ code, stdout, stderr }))
  })
  const failures = parseEvents(stdout).filter(
    event => event.type === 'host-finished' && event.error,
  )
  assert.is(code, 0, `${stderr}${JSON.stringify(failures, null, 2)}`)
  return parseEvents(stdout)
}

const ended = (all: readonly Event[], is: string): string[] => {
  const listed = all.flatMap(event => (event.type === 'host-listed' ? event.ops : []))
  return all.flatMap(event =>
    event.type === 'op-settled' && event.outcome.is === is
      ? [`${listed[event.op]?.kind} ${listed[event.op]?.name}`]
      : [],
  )
}

/** Check mode first, then for real, then again: which changes nothing. */
const settles = async (name: string, ...flags: readonly string[]): Promise<readonly string[]> => {
  const foretold = await play(name, ...flags, '--check')
  const first = await play(name, ...flags)
  const changed = ended(first, 'changed')
  assert.ok(changed.length > 0)
  for (const op of ended(foretold, 'ok'))
    assert.not.ok(changed.includes(op), `${op} was called ok by check mode`)
  const second = await play(name, ...flags)
  assert.equal(ended(second, 'changed'), [], 'the second run changes nothing')
  return changed
}

test('users: those who are here come, those who left go', async () => {
  there.root('useradd --create-home shop-carl')
  const changed = await settles('users')
  assert.ok(changed.includes('user shop-carl'), changed.join('\n'))
  assert.is(
    there.root(
      'runuser -u shop-anna -- sudo -n id -un; ls -d /home/shop-carl; id -un shop-carl 2>/dev/null || echo gone',
    ),
    'root\n/home/shop-carl\ngone\n',
  )
})

test('a LAMP server: the page reads the database', async () => {
  await settles('lamp')
  assert.is(there.root('curl -s localhost'), 'the database answers\n')
})

test('a rolling upgrade drains, upgrades and puts back, unless the release is served', async () => {
  // it has port 80, which Debian's nginx wants too
  there.root('systemctl disable --quiet --now apache2 2>/dev/null || :')
  await play('rolling-upgrade', '--release', 'v1')
  const changed = await settles('rolling-upgrade', '--release', 'v2')
  const at = (op: string): number => changed.indexOf(op)
  assert.ok(at('file /srv/www/drained') >= 0, changed.join('\n'))
  assert.ok(
    at('file /srv/www/drained') < at('link /srv/www/current') &&
      at('link /srv/www/current') < changed.lastIndexOf('file /srv/www/drained'),
    changed.join('\n'),
  )
  assert.is(
    there.root('curl -s localhost:8080; curl -s localhost:8080/healthz; ls /srv/www'),
    'release v2\nok\ncurrent\nv1\nv2\n',
  )
})

test.run()
