import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { Config } from '../../../../lib/operations/docker/config.ts'
import { docker } from '../../../../lib/operations/docker.ts'
import { plans } from '../../../support/operations.ts'

const config = (content: string, Labels: object | null = null): string =>
  `${JSON.stringify({ ID: 'c1', Spec: { Name: 'site', Data: Buffer.from(content).toString('base64'), Labels } })}\n200\n`
const none = '{"message":"config site not found"}\n404\n'
const want = { name: 'site', content: 'one\n', fixed: true }

plans<Config>(docker.config, {
  'makes what is absent': [
    none,
    { ...want, labels: { a: '1' } },
    ['content: absent -> one\n', 'label a: absent -> 1'],
  ],
  'leaves what is right': [config('one\n', { x: 'y' }), want, []],
  'a fixed name with another content': [
    config('two\n'),
    want,
    /cannot change a config \(content\): leave out `fixed`/,
  ],
  'a fixed name with other labels': [
    config('one\n'),
    { ...want, labels: { a: '1' } },
    /cannot change a config \(label a\)/,
  ],
  'removes it': [config('one\n'), { name: 'site', state: 'absent' }, ['config: site -> absent']],
  'the beginning of the id of another config is not its name': [
    config('one\n').replace('"site"', '"other"'),
    { name: 'site', state: 'absent' },
    [],
  ],
  'is absent already': [none, { name: 'site', state: 'absent' }, []],
  'a node that is no manager': [
    '{"message":"This node is not a swarm manager."}\n503\n',
    want,
    /not a swarm manager/,
  ],
  'a daemon that is down is not an absent config': [
    { exitCode: 3, stderr: 'Docker does not run' },
    want,
    /Docker does not run/,
  ],
})

test('its name carries its content', () => {
  const name = (content: string) => docker.config({ name: 'site', content }).name
  assert.is(name('one\n'), 'site_2c8b08da5ce6')
  assert.is.not(name('two\n'), name('one\n'))
})

test('what Docker refuses is an error at once', () => {
  assert.throws(() => docker.config({ ...want, content: '' }), /is empty/)
  assert.throws(() => docker.config({ name: 'x'.repeat(60), content: 'x' }), /at most 64 letters/)
})

test.run()
