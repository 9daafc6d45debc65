import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { Change } from '../../../lib/operation.ts'
import { file } from '../../../lib/operations/file.ts'
import { service } from '../../../lib/operations/service.ts'
import { makeOutput, plans } from '../../support/operations.ts'

const now = (active = 'active', file = 'enabled', more = '') =>
  `LoadState=loaded\nActiveState=${active}\nUnitFileState=${file}\nNeedDaemonReload=no\n${more}`
const config = file({ path: '/etc/a.conf', content: '' })
const up = { name: 'a', state: 'running', enabled: true } as const
const restart = 'restart: runs with its configuration as it was -> restarted with /etc/a.conf'

plans(service, {
  'leaves what is right': [now(), up, []],
  'starts and enables': [
    now('inactive', 'disabled'),
    up,
    ['enabled: false -> true', 'state: inactive -> running'],
  ],
  'starts what has failed': [now('failed'), up, ['state: failed -> running']],
  'starts what is in a crash loop': [now('activating'), up, ['state: activating -> running']],
  'stops and disables': [
    now(),
    { name: 'a', state: 'stopped', enabled: false },
    ['enabled: true -> false', 'state: active -> stopped'],
  ],
  'leaves alone what is not asked for': [now('inactive', 'disabled'), { name: 'a' }, []],
  'takes enabled-runtime for not enabled': [
    now('active', 'enabled-runtime'),
    up,
    ['enabled: false -> true'],
  ],
  'cannot enable a static unit': [now('active', 'static'), up, /cannot be enabled: it is static/],
  'a missing unit is unknown, not stopped': [
    'LoadState=not-found\nActiveState=inactive\n',
    { name: 'a', state: 'stopped' },
    /no such unit: a.service/,
  ],
  'a masked unit is unknown': [
    'LoadState=masked\nActiveState=inactive\n',
    up,
    /masked: systemctl unmask a.service/,
  ],
  'a failed probe is unknown': [
    { exitCode: 1, stderr: 'System has not been booted with systemd' },
    up,
    /not been booted/,
  ],
  'an empty answer is unknown': ['', up, /the probe failed/],
  'restarts where the inputs changed': [
    now('active', 'enabled', 'restart=changed\n'),
    { ...up, restartOn: [config] },
    [restart],
  ],
  'restarts where an input is about to change': [
    now('active', 'enabled', 'restart=current\n'),
    { ...up, restartOn: [config] },
    [restart],
    true,
  ],
  'does not restart without a reason': [
    now('active', 'enabled', 'restart=current\n'),
    { ...up, restartOn: [config] },
    [],
  ],
  'a start does for a restart': [
    now('inactive', 'enabled', 'restart=changed\n'),
    { ...up, restartOn: [config] },
    ['state: inactive -> running'],
  ],
  'does not restart what does not run and need not': [
    now('inactive', 'enabled', 'restart=changed\n'),
    { name: 'a', restartOn: [config] },
    [],
  ],
  reloads: [
    now('active', 'enabled', 'reload=changed\n'),
    { ...up, reloadOn: [config] },
    ['reload: runs with its configuration as it was -> reloaded with /etc/a.conf'],
  ],
  'one restart does for both': [
    now('active', 'enabled', 'restart=changed\nreload=changed\n'),
    { ...up, restartOn: [config], reloadOn: [config] },
    [restart],
  ],
})

const decide = (want: Parameters<typeof service>[0], printed: string) =>
  service(want).decide(makeOutput(printed), { pending: () => false }) as Change
test('only a stop or a restart disturbs', () => {
  const want = { ...up, restartOn: [config], disruptive: 'containers stop' }
  assert.is(
    decide(want, now('active', 'enabled', 'restart=changed\n')).disruptive,
    'containers stop',
  )
  assert.is(decide(want, now('inactive', 'enabled', 'restart=current\n')).disruptive, undefined)
})
test('every input is asked for: the runner learns on which changes the plan rests', () => {
  const asked: string[] = []
  const inputs = ['/a', '/b', '/c'].map(path => file({ path: path as '/a', content: '' }))
  service({ ...up, restartOn: inputs.slice(0, 2), reloadOn: inputs.slice(2) }).decide(
    makeOutput(now('active', 'enabled', 'restart=changed\nreload=current\n')),
    { pending: op => asked.push(op.name) < 0 },
  )
  assert.equal(asked, ['/a', '/b', '/c'])
})
test('one unit has one name', () =>
  assert.is(service({ name: 'docker.service' }).id, service({ name: 'docker' }).id))
test('bad names are errors at once', () =>
  assert.throws(() => service({ name: 'a b' }), /not a unit's name/))

test.run()
