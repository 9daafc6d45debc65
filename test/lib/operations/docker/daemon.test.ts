import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { Unknown } from '../../../../lib/operation.ts'
import { docker } from '../../../../lib/operations/docker.ts'
import { makeOutput, nothingPending, plans } from '../../../support/operations.ts'

const want = {
  'registry-mirrors': ['http://10.0.0.2:5000'],
  'log-driver': 'json-file',
  'shutdown-timeout': 60,
} as const
const right = { ...want, 'insecure-registries': ['10.0.0.2:5000'] }
const text = (settings: object) => `${JSON.stringify(settings, null, 2)}\n`
const base64 = (content: string) => Buffer.from(content).toString('base64')

type Host = {
  file?: object | string
  stamp?: object
  unit?: string
  state?: string
  started?: boolean
  containers?: boolean
  mirrors?: string[]
  insecure?: string[]
  driver?: string
}
const host = ({
  file,
  stamp,
  unit = 'loaded',
  state = 'active',
  started = true,
  containers = false,
  mirrors,
  insecure,
  driver = 'json-file',
}: Host): string =>
  [
    `file ${file === undefined ? 'absent' : base64(typeof file === 'string' ? file : text(file))}`,
    `stamp ${stamp === undefined ? 'absent' : base64(text(stamp))}`,
    `load ${unit}`,
    `state ${state}`,
    ...(started ? ['started after'] : []),
    ...(state === 'active'
      ? [
          `registry ${JSON.stringify({ Mirrors: mirrors ?? ['http://10.0.0.2:5000/'], InsecureRegistryCIDRs: ['127.0.0.0/8'], IndexConfigs: Object.fromEntries((insecure ?? ['10.0.0.2:5000']).map(name => [name, { Secure: false }])) })}`,
          `labels [] ${driver}`,
        ]
      : []),
    ...(containers ? ['containers run'] : []),
    '',
  ].join('\n')
const mirrors = 'registry-mirrors: absent -> ["http://10.0.0.2:5000"]'
const rest = [
  'log-driver: absent -> "json-file"',
  'shutdown-timeout: absent -> 60',
  'insecure-registries: absent -> ["10.0.0.2:5000"]',
]
const again = (action: string) => `${action}: runs with its settings as they were -> ${action}ed`

plans(docker.daemon, {
  'leaves what is right': [host({ file: right }), want, []],
  'writes the file before Docker is there': [
    host({ unit: 'not-found', state: 'inactive', started: false }),
    want,
    [mirrors, ...rest],
  ],
  'writes the file of a stopped Docker': [
    host({ state: 'inactive', started: false }),
    want,
    [mirrors, ...rest],
  ],
  'restarts for what is only read at the start': [
    host({ started: false }),
    want,
    [mirrors, ...rest, again('restart')],
  ],
  'reloads for what is read again': [
    host({ file: { ...right, 'shutdown-timeout': 15 } }),
    want,
    ['shutdown-timeout: 15 -> 60', again('reload')],
  ],
  'removes a setting': [
    host({ file: { ...right, mtu: 1400 } }),
    want,
    ['mtu: 1400 -> absent', again('restart')],
  ],
  'restarts for a setting that is taken away, which a reload would leave': [
    host({ file: { ...right, labels: ['a=b'] } }),
    want,
    ['labels: ["a=b"] -> absent', again('restart')],
  ],
  'restarts where dockerd still has a label that the file has not': [
    host({ file: right }).replace('labels []', 'labels ["a=b"]'),
    want,
    ['restart: runs with other labels -> restarted'],
  ],
  'restarts where a run died between file and restart': [
    host({ file: right, stamp: { ...right, 'log-driver': 'local' }, started: false }),
    want,
    [again('restart')],
  ],
  'reloads where a run died before the reload': [
    host({ file: right, stamp: { ...right, 'shutdown-timeout': 15 }, started: false }),
    want,
    [again('reload')],
  ],
  'is content where it was told of the file': [
    host({ file: right, stamp: right, started: false }),
    want,
    [],
  ],
  'restarts where nothing tells what it was started with': [
    host({ file: right, started: false }),
    want,
    [again('restart')],
  ],
  'takes a start after the file for the word of the file': [
    host({ file: right, stamp: { debug: true } }),
    want,
    [],
  ],
  'reloads where dockerd works with other mirrors': [
    host({ file: right, mirrors: [] }),
    want,
    ['reload: runs with other registry-mirrors -> reloaded'],
  ],
  'restarts where dockerd works with another log driver': [
    host({ file: right, driver: 'local' }),
    want,
    ['restart: runs with other log-driver -> restarted'],
  ],
  'a file that is no JSON': [
    host({ file: '{' }),
    want,
    [`content: { -> ${text(right)}`, again('restart')],
  ],
  'the same in another layout': [
    host({ file: JSON.stringify(right) }),
    want,
    ['layout: other -> as written here'],
  ],
  'a probe that failed': [{ exitCode: 1, stderr: 'Cannot connect' }, want, /Cannot connect/],
})

const disruptive = (printed: string): string | undefined => {
  const plan = docker.daemon(want).decide(makeOutput(printed), nothingPending)
  return plan && !(plan instanceof Unknown) ? plan.disruptive : undefined
}
test('a restart is disruptive where containers run', () => {
  assert.match(
    disruptive(host({ containers: true, started: false })) ?? '',
    /containers of this host/,
  )
  assert.is(disruptive(host({ started: false })), undefined)
})
test('a reload is not', () => {
  assert.is(
    disruptive(host({ file: { ...right, 'shutdown-timeout': 15 }, containers: true })),
    undefined,
  )
})

test.run()
