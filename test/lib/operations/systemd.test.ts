import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { sha256 } from '../../../lib/operations/file/content.ts'
import { systemd } from '../../../lib/operations/systemd.ts'
import { plans } from '../../support/operations.ts'

const content = '[Service]\nExecStart=/bin/true\n'
const want = { name: 'a.service', content }
const right = `regular file|644|0|0|root|root|${content.length}\n${sha256(content)}\n`

plans(systemd.unit, {
  'writes what is absent': [
    'no\nabsent\n',
    want,
    [
      `content: absent -> ${content}`,
      'mode: absent -> 644',
      'owner: absent -> root',
      'group: absent -> root',
    ],
  ],
  'leaves what is right': [`no\n${right}`, want, []],
  'has systemd read again what it has not': [
    `yes\n${right}`,
    want,
    ['loaded: an older version -> this one'],
  ],
  'puts right the mode': [`no\n${right.replace('644', '600')}`, want, ['mode: 600 -> 644']],
  'a symlink is replaced': [
    'no\nsymbolic link|777|0|0|root|root|9\n/dev/null\n',
    want,
    [
      'type: symlink to /dev/null -> file',
      `content: absent -> ${content}`,
      'mode: absent -> 644',
      'owner: absent -> root',
      'group: absent -> root',
    ],
  ],
  'no systemd is unknown': [
    { exitCode: 1, stderr: 'System has not been booted' },
    want,
    /not been booted/,
  ],
  'an empty answer is unknown': ['\n', want, /the probe printed/],
})
test('a drop-in has a name and a path of its own', () => {
  const op = systemd.unit({ name: 'docker.service', dropIn: 'limits', content })
  assert.equal(
    [op.name, op.paths],
    ['docker.service.d/limits.conf', ['/etc/systemd/system/docker.service.d/limits.conf']],
  )
})
test('bad names are errors at once', () => {
  assert.throws(() => systemd.unit({ name: 'a', content }), /not a unit's name with its type/)
  assert.throws(
    () => systemd.unit({ name: '../a.service', state: 'absent' }),
    /not a unit's name with its type/,
  )
})

const gone = { name: 'a.timer', state: 'absent' } as const
const state = (load: string, active: string, path = '') =>
  `LoadState=${load}\nActiveState=${active}\nFragmentPath=${path}\n`
const entry = 'regular file|644|0|0|root|root|9\n'
plans(systemd.unit, {
  'removes what runs': [
    `${state('loaded', 'active', '/etc/systemd/system/a.timer')}${entry}directory|755|0|0|root|root|9\n`,
    gone,
    [
      'state: active -> absent',
      'file: /etc/systemd/system/a.timer -> absent',
      'drop-ins: /etc/systemd/system/a.timer.d -> absent',
    ],
  ],
  'removes what is masked': [
    `${state('masked', 'inactive')}symbolic link|777|0|0|root|root|9\nabsent\n`,
    gone,
    ['file: /etc/systemd/system/a.timer -> absent'],
  ],
  'stops what runs without its file': [
    `${state('not-found', 'active')}absent\nabsent\n`,
    gone,
    ['state: active -> absent'],
  ],
  'leaves what is absent': [`${state('not-found', 'inactive')}absent\nabsent\n`, gone, []],
  'does not remove what a package has brought': [
    `${state('loaded', 'active', '/lib/systemd/system/a.timer')}absent\nabsent\n`,
    gone,
    /is \/lib\/systemd\/system\/a\.timer/,
  ],
  'a failed unit that is there': [
    `${state('loaded', 'failed', '/etc/systemd/system/a.timer')}${entry}absent\n`,
    gone,
    ['file: /etc/systemd/system/a.timer -> absent'],
  ],
  'an empty answer is unknown': ['', gone, /the probe failed/],
})

test.run()
