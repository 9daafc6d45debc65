import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { type Operation, Unknown } from '../../../../lib/operation.ts'
import { docker } from '../../../../lib/operations/docker.ts'
import { nothingPending, output, plans } from '../../../support/operations.ts'

const settings = { 'log-driver': 'json-file' } as const
const one = (kind: string) => (want: Parameters<typeof docker.engine>[0]) => docker.engine(want).find(op => op.kind === kind) as Operation
const debian = { package: 'docker.io', settings } as const

plans(one('docker.client'), {
  'the command is there: nothing is installed for it': ['engine=ii \n/usr/bin/docker\nend\n', debian, []],
  'Debian 13: the engine is installed and the command is not': ['engine=ii \nend\n', debian, ['docker-cli: absent -> installed']],
  'a held engine: the command of its version': [
    'engine=hi \nend\n',
    { ...debian, version: '26.1.5+dfsg1-9+deb13u1' },
    ['docker-cli: absent -> 26.1.5+dfsg1-9+deb13u1'],
  ],
  'no engine yet: it may bring the command with it': ['end\n', debian, /until docker.io is installed/],
  'an engine that was removed, and left its settings': ['engine=rc \nend\n', debian, /until docker.io is installed/],
  'a probe that was cut off': ['engine=ii \n', debian, /the probe failed/],
})

plans(one('docker.sole'), {
  'the engine that is wanted': ['docker.io ii \nend\n', debian, []],
  'none yet': ['end\n', debian, []],
  'another one': ['docker-ce ii \ndocker.io rc \nend\n', debian, /docker-ce is installed and docker.io is wanted/],
})

test('a held engine holds its command', () => {
  const plan = one('docker.client')({ ...debian, version: '26.1' }).decide(output('engine=ii \nend\n'), nothingPending)
  assert.ok(plan && !(plan instanceof Unknown))
  assert.match(plan.apply.text, /install docker-cli=26\.1 /)
  assert.match(plan.apply.text, /apt-mark hold docker-cli/)
})

test("Docker's own packages have the command", () => {
  assert.is(one('docker.client')({ package: 'docker-ce', settings }), undefined)
})

test.run()
