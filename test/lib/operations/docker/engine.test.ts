import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { type Operation, Unknown } from '../../../../lib/operation.ts'
import { docker } from '../../../../lib/operations/docker.ts'
import { makeOutput, nothingPending, plans } from '../../../support/operations.ts'

const settings = { 'log-driver': 'json-file' } as const
const one = (name: string) => (want: Parameters<typeof docker.engine>[0]) =>
  docker.engine(want).find(op => op.id === `docker.engine ${name}`) as Operation
const debian = { package: 'docker.io', settings } as const

plans(one('docker-cli'), {
  'the command is there: nothing is installed for it': [
    'docker.io=ii =20.10\n/usr/bin/docker\nend\n',
    debian,
    [],
  ],
  'Debian 13: the engine is installed and the command is not': [
    'docker.io=ii =26.1\nend\n',
    debian,
    ['docker-cli: absent -> installed'],
  ],
  'a held engine: the command of its version': [
    'docker.io=hi =26.1.5+dfsg1-9+deb13u1\nend\n',
    { ...debian, version: '26.1.5+dfsg1-9+deb13u1' },
    ['docker-cli: absent -> 26.1.5+dfsg1-9+deb13u1'],
  ],
  'the command of another version than is held': [
    'docker.io=hi =26.2\ndocker-cli=hi =26.1\n/usr/bin/docker\nend\n',
    { ...debian, version: '26.2' },
    ['docker-cli: 26.1 -> 26.2'],
  ],
  'the command of the version that is held': [
    'docker.io=hi =26.2\ndocker-cli=hi =26.2\n/usr/bin/docker\nend\n',
    { ...debian, version: '26.2' },
    [],
  ],
  'Debian 12 has it in the engine, whatever version is held': [
    'docker.io=hi =20.10\n/usr/bin/docker\nend\n',
    { ...debian, version: '20.10' },
    [],
  ],
  'no engine yet: it may bring the command with it': [
    'end\n',
    debian,
    /until docker.io is installed/,
  ],
  'an engine that was removed, and left its settings': [
    'docker.io=rc =26.1\nend\n',
    debian,
    /until docker.io is installed/,
  ],
  'a probe that was cut off': ['docker.io=ii =26.1\n', debian, /the probe failed/],
})

plans(one('docker.io'), {
  'the engine that is wanted': ['docker.io ii \nend\n', debian, []],
  'none yet': ['end\n', debian, []],
  'another one': [
    'docker-ce ii \ndocker.io rc \nend\n',
    debian,
    /docker-ce is installed and docker.io is wanted/,
  ],
})

test('a held engine holds its command', () => {
  const plan = one('docker-cli')({ ...debian, version: '26.1' }).decide(
    makeOutput('docker.io=ii =26.1\nend\n'),
    nothingPending,
  )
  assert.ok(plan && !(plan instanceof Unknown))
  assert.match(plan.apply.text, /install docker-cli=26\.1 /)
  assert.match(plan.apply.text, /apt-mark hold docker-cli/)
})

test("Docker's own packages have the command", () => {
  assert.is(one('docker-cli')({ package: 'docker-ce', settings }), undefined)
})

test.run()
