import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { Operation } from '../../../../lib/operation.ts'
import { file } from '../../../../lib/operations/file.ts'
import { service } from '../../../../lib/operations/service.ts'
import { systemd } from '../../../../lib/operations/systemd.ts'
import { type OverlayMachine, startSystemdMachine } from '../../../support/overlay-machine.ts'

let machine: OverlayMachine
test.before(async () => {
  machine = await startSystemdMachine()
})
test.after(() => machine?.end())

const result = async (...ops: readonly Operation[]) => {
  const { error, outcomes } = await machine.converge(ops)
  return error?.message ?? outcomes.map(({ is }) => is).join(' ')
}
const changes = async (...ops: readonly Operation[]) => {
  const [first, second] = [await result(...ops), await result(...ops)]
  assert.ok(/^((ok|changed) ?)+$/.test(first), first)
  assert.ok(/^(ok ?)+$/.test(second), second)
}
const state = (unit: string) => machine.run(`systemctl is-active '${unit}' || :`)
const sleeper = '[Service]\nExecStart=/bin/sleep 4000\n[Install]\nWantedBy=multi-user.target\n'
const unit = (name: string, content: string) => systemd.unit({ name, content })

test('a unit that runs once is never running, and that is said at once', async () => {
  const once = '[Service]\nType=oneshot\nExecStart=/bin/true\n'
  assert.match(
    await result(unit('once.service', once), service({ name: 'once', state: 'running' })),
    /runs once and ends, so it is never running: start it with a timer/,
  )
  await changes(
    unit('once.service', `${once}RemainAfterExit=yes\n`),
    service({ name: 'once', state: 'running' }),
  )
})
test('a masked unit is stopped and not enabled; it cannot run', async () => {
  machine.run('ln -sf /dev/null /etc/systemd/system/masked.service; systemctl daemon-reload')
  assert.is(await result(service({ name: 'masked', state: 'stopped', enabled: false })), 'ok')
  assert.match(
    await result(service({ name: 'masked', state: 'running' })),
    /is masked: systemctl unmask masked\.service/,
  )
})
test('a unit that is about to start again after a crash is stopped', async () => {
  await changes(
    unit('crash.service', '[Service]\nExecStart=/bin/false\nRestart=always\nRestartSec=1000\n'),
  )
  machine.run('systemctl start crash; sleep 0.5')
  assert.is(state('crash'), 'activating')
  await changes(service({ name: 'crash', state: 'stopped' }))
  assert.is(state('crash'), 'inactive')
})
test('a unit that failed too often is started', async () => {
  const limited = '[Unit]\nStartLimitIntervalSec=1000\nStartLimitBurst=1\n'
  await changes(unit('limit.service', `${limited}[Service]\nExecStart=/bin/sleep 4000\n`))
  machine.run(
    'systemctl start limit; systemctl kill -s KILL limit; sleep 0.5; systemctl start limit || :',
  )
  assert.is(state('limit'), 'failed')
  await changes(service({ name: 'limit', state: 'running' }))
})
test('an instance of a template is a unit; the template is not', async () => {
  await changes(
    unit('many@.service', sleeper),
    service({ name: 'many@one', state: 'running', enabled: true }),
  )
  assert.is(state('many@one'), 'active')
  assert.throws(() => service({ name: 'many@' }), /is a template/)
  await changes(unit('many@.service', `${sleeper}# more\n`))
  await changes(systemd.unit({ name: 'many@.service', state: 'absent' }))
  assert.is(state('many@one'), 'inactive')
})
test('a static unit that another starts is not "not enabled"', async () => {
  await changes(unit('plain.service', '[Service]\nExecStart=/bin/sleep 4000\n'))
  assert.is(await result(service({ name: 'plain', enabled: false })), 'ok')
  machine.run(
    'mkdir -p /etc/systemd/system/multi-user.target.wants;' +
      'ln -s ../plain.service /etc/systemd/system/multi-user.target.wants/; ' +
      'systemctl daemon-reload;' +
      'systemctl show multi-user.target >/dev/null',
  )
  const said = await result(service({ name: 'plain', enabled: false }))
  assert.match(said, /^changed$|starts with multi-user\.target/)
})
test('enabled until the next boot is not enabled', async () => {
  await changes(unit('soon.service', sleeper))
  machine.run('systemctl enable --runtime soon 2>/dev/null')
  await changes(service({ name: 'soon', enabled: true }))
  assert.is(machine.run('systemctl is-enabled soon'), 'enabled')
})
test('an alias is the unit that it names', async () => {
  await changes(unit('real.service', `${sleeper}Alias=other.service\n`))
  machine.run('systemctl enable real 2>/dev/null')
  await changes(service({ name: 'other', state: 'running', enabled: true }))
  assert.is(state('real'), 'active')
})
test('a drop-in that nobody reloaded is read', async () => {
  machine.run(
    'systemctl start soon; mkdir -p /etc/systemd/system/soon.service.d; sleep 1.1;' +
      "printf '[Service]\\nEnvironment=A=1\\n' >/etc/systemd/system/soon.service.d/a.conf",
  )
  await changes(service({ name: 'soon', enabled: true }))
  assert.is(machine.run('systemctl show --property=Environment --value soon'), 'A=1')
})
test('text that systemd would ignore is refused, and the file stays', async () => {
  for (const [name, text, why] of [
    ['soon.service', `${sleeper}[Servic]\nUser=x\n`, /Unknown section 'Servic'/],
    ['soon.service', `${sleeper}[Service]\nUserr=x\n`, /Unknown key( name)? 'Userr'/],
    ['soon.timer', '[Timer]\nOnCalendar=evry day\n', /Failed to parse calendar specification/],
  ] as const) {
    const { error } = await machine.converge([unit(name, text)])
    assert.match(`${error?.message} ${error?.stderr}`, why)
  }
  assert.is(machine.run('cat /etc/systemd/system/soon.service'), sleeper.trim())
  const dropIn = systemd.unit({ name: 'soon.service', dropIn: 'b', content: '[Service]\nFoo=1\n' })
  assert.match(JSON.stringify((await machine.converge([dropIn])).error), /Unknown key/)
})
test('a file of another folder that systemd reads instead is named', async () => {
  machine.run(
    'mkdir -p /run/systemd/system.control;' +
      'cp /etc/systemd/system/soon.service /run/systemd/system.control/; systemctl daemon-reload',
  )
  assert.match(
    await result(unit('soon.service', sleeper)),
    /systemd reads \/run\/systemd\/system\.control\/soon\.service in its place/,
  )
  machine.run('rm -r /run/systemd/system.control; systemctl daemon-reload')
})
test('a unit over that of a package is not removed: the package’s would come back', async () => {
  const [path = ''] = machine.run('ls /lib/systemd/system/*.service').split('\n')
  const name = path.replace(/^.*\//, '')
  machine.run(`ln -sf /dev/null /etc/systemd/system/${name}; systemctl daemon-reload`)
  assert.match(
    await result(systemd.unit({ name, state: 'absent' })),
    /lies over .*, which would come back/,
  )
})
test('names that systemd escapes, and all types, are names', async () => {
  await changes(
    unit(
      'srv-my\\x2ddata.mount',
      '[Mount]\nWhat=none\nWhere=/srv/my-data\nType=tmpfs\n[Install]\nWantedBy=local-fs.target\n',
    ),
    service({ name: 'srv-my\\x2ddata.mount', state: 'running', enabled: true }),
  )
  assert.match(machine.run('cat /proc/mounts'), / \/srv\/my-data tmpfs /)
  assert.is(service({ name: 'swapfile.swap' }).name, 'swapfile.swap')
  assert.is(service({ name: 'srv.automount' }).name, 'srv.automount')
})

const config = (content: string) => file({ path: '/etc/brd-test.conf', content })
const restarted = (content: string) => [
  config(content),
  unit('cfg.service', sleeper),
  service({ name: 'cfg', state: 'running', restartOn: [config(content)] }),
]
const began = () => machine.run('systemctl show --property=ExecMainStartTimestampMonotonic cfg')
test('a restart by hand has read its input: none follows', async () => {
  await changes(...restarted('one\n'))
  machine.run('echo two >/etc/brd-test.conf; sleep 1.1; systemctl restart cfg')
  const since = began()
  assert.is(await result(...restarted('two\n')), 'ok ok ok')
  assert.is(began(), since)
})
test('an input that was put back after a start by hand is not what the unit read', async () => {
  machine.run(
    'sleep 1.1; echo three >/etc/brd-test.conf; systemctl restart cfg; sleep 1.1;' +
      'echo one >/etc/brd-test.conf',
  )
  const since = began()
  assert.is(await result(...restarted('one\n')), 'ok ok changed')
  assert.is.not(began(), since)
})
test('an input that is gone was read by nobody who started before', async () => {
  machine.run('sleep 1.1; rm /etc/brd-test.conf')
  const gone = file({ path: '/etc/brd-test.conf', state: 'absent' })
  assert.is(
    await result(gone, service({ name: 'cfg', state: 'running', restartOn: [gone] })),
    'ok changed',
  )
})

test.run()
