import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { docker } from '../../../../lib/operations/docker.ts'
import { plans } from '../../../support/operations.ts'

const volume = (more = {}): string =>
  `${JSON.stringify({ Driver: 'local', Options: null, Labels: { 'brd.use': 'test' }, ...more })}\n200\n`
const none = '{"message":"get files: no such volume"}\n404\n'
const want = { name: 'files' }

plans(docker.volume, {
  'makes what is absent': [
    none,
    { ...want, labels: { a: '1' } },
    ['driver: absent -> local', 'label a: absent -> 1'],
  ],
  'leaves what is right': [volume(), { ...want, labels: { 'brd.use': 'test' } }, []],
  'leaves labels that are not asked for': [volume(), want, []],
  'other labels: it is never made anew': [
    volume(),
    { ...want, labels: { 'brd.use': 'x' } },
    /label brd\.use: test, wanted x.*copy its data/,
  ],
  'a volume of another driver': [volume({ Driver: 'nfs' }), want, /driver: nfs, wanted local/],
  'an option too many': [
    volume({ Options: { type: 'tmpfs' } }),
    { ...want, options: {} },
    /option type: tmpfs, wanted null/,
  ],
  'options that are not asked for': [volume({ Options: { type: 'tmpfs' } }), want, []],
  'removes it': [volume(), { ...want, state: 'absent' }, ['volume: files -> absent']],
  'is absent already': [none, { ...want, state: 'absent' }, []],
  'is used': [`used web\nused db\n${volume()}`, { ...want, state: 'absent' }, /web, db uses it/],
  'a daemon that is down is not an absent volume': [
    { exitCode: 3, stderr: 'Docker does not run' },
    want,
    /Docker does not run/,
  ],
  'nor one that fails': [
    '{"message":"no space left"}\n500\n',
    { ...want, state: 'absent' },
    /no space left/,
  ],
  'nor one that does not know the question': [
    '{"message":"page not found"}\n404\n',
    want,
    /page not found/,
  ],
  'an empty answer': ['', want, /cannot be read/],
})

test('a name that Docker would not take', () => {
  assert.throws(
    () => docker.volume({ name: '/srv/data' }),
    /"\/srv\/data" is not a name of a volume/,
  )
})

test.run()
