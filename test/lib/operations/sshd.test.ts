import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { Change, Operation } from '../../../lib/operation.ts'
import { sha256 } from '../../../lib/operations/file/content.ts'
import { type Sshd, sshd } from '../../../lib/operations/sshd.ts'
import { makeOutput, nothingPending, plans } from '../../support/operations.ts'

const settings = {
  PermitRootLogin: 'prohibit-password',
  PasswordAuthentication: 'no',
  AllowGroups: ['ssh', 'ops'],
}
const content =
  'PermitRootLogin prohibit-password\nPasswordAuthentication no\nAllowGroups ssh ops\n'
const config = (want: Sshd) => sshd(want)[0] as Operation
const says = (root: string, password = 'no') =>
  `= permitrootlogin ${root}\n= passwordauthentication ${password}\n= allowgroups ssh\n= allowgroups ops\n`
const fileOf = (content: string) =>
  `regular file|600|0|0|root|root|${content.length}\n${sha256(content)}\n`
const file = fileOf(content)
const block = (line: string) =>
  `~ /etc/ssh/sshd_config:9\tAddress 10.0.0.0/8\t${line.replace(/^\S+/, word => word.toLowerCase())}\n`
const creates = [
  `content: absent -> ${content}`,
  'mode: absent -> 600',
  'owner: absent -> root',
  'group: absent -> root',
]

plans(config, {
  'writes what is absent': [
    `${says('yes')}absent\n`,
    { settings },
    ['permitrootlogin: yes -> without-password', ...creates],
  ],
  'leaves what is right': [`${says('without-password')}${file}`, { settings }, []],
  'keeps what holds by chance': [`${says('without-password')}absent\n`, { settings }, creates],
  'a setting that comes first elsewhere is named': [
    `${says('without-password', 'yes')}${file}`,
    { settings },
    /would still use passwordauthentication yes: remove it from before the Include/,
  ],
  'a keyword that has no value yet': [
    'absent\n',
    { settings: { AllowUsers: ['anna'] } },
    ['allowusers: absent -> anna', 'content: absent -> AllowUsers anna\n', ...creates.slice(1)],
  ],
  'a Match block that opens passwords for others': [
    `${says('yes')}${block('PasswordAuthentication yes')}absent\n`,
    { settings },
    /passwordauthentication yes for Address 10.0.0.0.8 \(.etc.ssh.sshd_config:9\)/,
  ],
  'a Match block that sets what is wanted': [
    `${says('without-password')}${block('passwordauthentication "no"')}${file}`,
    { settings },
    [],
  ],
  'a Match block that may differ': [
    `${says('without-password')}${block('PasswordAuthentication yes')}${file}`,
    { settings, except: ['address  10.0.0.0/8'] },
    [],
  ],
  'what waits to be taken back is written again': [
    `${says('without-password')}! unproven\n${file}`,
    { settings },
    ['login: unproven -> proven'],
  ],
  'a value that sshd writes in other words': [
    `= logingracetime 120\n+ logingracetime 120\n${fileOf('LoginGraceTime 2m\n')}`,
    { settings: { LoginGraceTime: '2m' } },
    [],
  ],
  'another value, in the words of sshd': [
    `= logingracetime 60\n+ logingracetime 120\nabsent\n`,
    { settings: { LoginGraceTime: '2m' } },
    ['logingracetime: 60 -> 120', 'content: absent -> LoginGraceTime 2m\n', ...creates.slice(1)],
  ],
  'a keyword that has a new name': [
    `= kbdinteractiveauthentication no\n${fileOf('ChallengeResponseAuthentication no\n')}`,
    { settings: { ChallengeResponseAuthentication: 'no' } },
    [],
  ],
  'a failed probe is unknown': [
    { exitCode: 1, stderr: 'sshd: no hostkeys available' },
    { settings },
    /no hostkeys/,
  ],
})
test('its settings are proven by a login before they are in place', () => {
  const { apply } = config({ settings }).decide(
    makeOutput(`${says('yes')}absent\n`),
    nothingPending,
  ) as Change
  assert.ok(apply.text.indexOf('could not log in with a key') < apply.text.indexOf('mv -f -T'))
})
test('they are loaded, and kept only after a login from outside', () => {
  const { apply, provenByLogin } = config({ settings }).decide(
    makeOutput(`${says('yes')}absent\n`),
    nothingPending,
  ) as Change
  const places = ['mv -f -T', 'systemctl reload ssh.service\n) ||', 'await_login ||'].map(step =>
    apply.text.lastIndexOf(step),
  )
  assert.equal(
    places,
    [...places].sort((a, b) => a - b),
  )
  assert.equal([places.includes(-1), provenByLogin], [false, true])
})
test('ssh is reloaded, not restarted, when they change', () => {
  const reload = sshd({ settings })[1]?.decide(
    makeOutput('LoadState=loaded\nActiveState=active\nreload=changed\n'),
    nothingPending,
  ) as Change
  assert.is(reload.diff[0]?.key, 'reload')
})
test('bad options are errors at once', () => {
  assert.throws(() => sshd({ settings: { 'Permit Root': 'no' } }), /is not a keyword/)
  assert.throws(() => sshd({ settings: { Match: 'all' } }), /is not a keyword/)
  assert.throws(
    () => sshd({ settings: { Banner: 'a\nPermitRootLogin yes' } }),
    /values of one line/,
  )
})

test.run()
