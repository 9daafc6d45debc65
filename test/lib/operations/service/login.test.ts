import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { Change } from '../../../../lib/operation.ts'
import { file } from '../../../../lib/operations/file.ts'
import { printCarrier } from '../../../../lib/operations/service/login.ts'
import { service } from '../../../../lib/operations/service.ts'
import { systemd } from '../../../../lib/operations/systemd.ts'
import { makeOutput, nothingPending, plans } from '../../../support/operations.ts'
import { writePrograms } from '../../../support/sandbox.ts'
import { findShell, SHELLS } from '../../../support/shells.ts'

const now = (active: string, file: string, more = '') =>
  `LoadState=loaded\nActiveState=${active}\nUnitFileState=${file}\nNeedDaemonReload=no\n${more}`
const ssh = { name: 'ssh', state: 'stopped', enabled: false } as const

plans(service, {
  'what this run logs in through is not stopped': [
    now('active', 'enabled', 'Carries=yes\nBrings=yes\n'),
    { name: 'ssh', state: 'stopped' },
    /refused: this run logs in through ssh\.service.*start another way to log in first/,
  ],
  'nor kept from the next boot': [
    now('active', 'enabled', 'Carries=yes\nBrings=yes\n'),
    { name: 'ssh', enabled: false },
    /refused: this run logs in through ssh\.service/,
  ],
  'it is if a socket starts it again': [
    now('active', 'enabled'),
    ssh,
    ['enabled: true -> false', 'state: active -> stopped'],
  ],
  'what does not run already may stay so': [
    now('inactive', 'disabled', 'Carries=yes\nBrings=yes\n'),
    ssh,
    [],
  ],
})
plans(systemd.unit, {
  'its own unit is not removed either': [
    'LoadState=loaded\nActiveState=active\nFragmentPath=/etc/systemd/system/dropbear.service\n' +
      'Carries=yes\nBrings=yes\nBelow=\nregular file|644|0|0|root|root|9|1\nabsent\n',
    { name: 'dropbear.service', state: 'absent' },
    /refused: this run logs in through dropbear\.service/,
  ],
})

/** A systemctl that says this of the unit's process and socket. */
const systemctl = (main: string, socket: string): string => `#!/bin/sh
case $1 in
  show) echo MainPID=${main}; echo TriggeredBy=${socket} ;;
  is-active) [ "$4" = on.socket ] || [ "$4" = up.socket ] ;;
  is-enabled) [ "$4" = on.socket ] ;;
esac
`
const SSH = '10.0.0.9 40000 10.0.0.1 22'
const rows: Readonly<Record<string, readonly [string, string, string, string, string]>> = {
  'sshd by its name': ['ssh.service', SSH, '0', '', 'Carries=yes Brings=yes'],
  'its socket': ['ssh.socket', SSH, '0', '', 'Carries=yes Brings=yes'],
  'another server, by the process that accepted the connection': [
    'other.service',
    SSH,
    '$PPID',
    '',
    'Carries=yes Brings=yes',
  ],
  'a unit that has nothing to do with it': ['nginx.service', SSH, '1', '', ''],
  'a run on the machine itself': ['ssh.service', '', '0', '', ''],
  'a socket that listens, but not after a boot': [
    'ssh.service',
    SSH,
    '0',
    'up.socket',
    'Brings=yes',
  ],
  'a socket that listens now and then': ['ssh.service', SSH, '0', 'on.socket', ''],
}
for (const [title, [unit, connection, main, socket, printed]] of Object.entries(rows))
  for (const shell of SHELLS)
    test(`${title}, ${shell}`, () => {
      const folder = mkdtempSync(join(tmpdir(), 'carrier-'))
      try {
        writePrograms(folder, { systemctl: systemctl(main, socket) })
        const out = execFileSync(findShell(shell), ['-c', printCarrier(unit).text], {
          env: { PATH: `${folder}/bin:${process.env['PATH']}`, SSH_CONNECTION: connection },
        })
        assert.is(out.toString().trim().replace('\n', ' '), printed)
      } finally {
        rmSync(folder, { recursive: true })
      }
    })

const decide = (want: Parameters<typeof service>[0], printed: string) =>
  service(want).decide(makeOutput(printed), nothingPending) as Change
test('the network goes only if this run logs in anew without its unit', () => {
  const stop = decide({ name: 'networking', state: 'stopped' }, now('active', 'enabled'))
  assert.is(stop.provenByLogin, true)
  assert.match(stop.apply.text, 'systemctl start -- networking.service')
  const other = decide({ name: 'nginx', state: 'stopped' }, now('active', 'enabled'))
  assert.is(other.provenByLogin, undefined)
})
test('sshd tries its files before it reads them', () => {
  const settings = file({ path: '/etc/ssh/sshd_config.d/a.conf', content: 'AllowUsers nobody\n' })
  for (const [on, action] of [
    ['restartOn', 'restart'],
    ['reloadOn', 'reload'],
  ] as const) {
    const { apply } = decide(
      { name: 'ssh', [on]: [settings] },
      now('active', 'enabled', `${action}=changed\n`),
    )
    const tried = apply.text.indexOf('could not log in with a key')
    assert.ok(tried > 0 && tried < apply.text.indexOf(`systemctl ${action}`), apply.text)
  }
})

test.run()
