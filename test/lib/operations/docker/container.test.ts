import { spawnSync } from 'node:child_process'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { Change } from '../../../../lib/operation.ts'
import type { Container, Running } from '../../../../lib/operations/docker/container/options.ts'
import { docker } from '../../../../lib/operations/docker.ts'
import { file } from '../../../../lib/operations/file.ts'
import { makeDockerShim } from '../../../support/docker-shim.ts'
import { makeOutput, nothingPending, plans } from '../../../support/operations.ts'

const want: Running = {
  name: 'web',
  image: 'nginx:1.22',
  env: { MODE: 'live' },
  ports: [{ published: 8080, target: 80 }],
  mounts: [{ type: 'bind', source: '/etc/site', target: '/etc/nginx/conf.d', read_only: true }],
}
const spec = {
  image: 'nginx:1.22',
  'env MODE': 'live',
  'port 80/tcp at 8080': 'published',
  'mount /etc/nginx/conf.d': 'bind /etc/site read-only',
  restart: 'unless-stopped',
  networks: 'bridge',
}
const there = (more: object = {}, labels: object = {}): string =>
  JSON.stringify({
    name: '/web',
    state: 'running',
    health: '',
    image: 'sha256:1111',
    config: { Image: 'nginx:1.22', Labels: { 'brd.container': JSON.stringify(spec), ...labels } },
    restart: { Name: 'unless-stopped' },
    networks: ['bridge', null],
    ...more,
  })
const printed = (lines: readonly string[], image = 'sha256:1111', inputs?: string): string =>
  [...lines, `image ${image}`, ...(inputs ? [`inputs ${inputs}`] : []), 'end', ''].join('\n')
const absent = { name: 'web', state: 'absent' } as const

plans<Container>(docker.container, {
  'makes what is absent': [
    printed([], 'absent'),
    want,
    Object.entries(spec).map(([key, value]) => `${key}: absent -> ${value}`),
  ],
  'leaves what is right': [printed([there()]), want, []],
  'leaves it where its image has lost its name': [printed([there()], 'absent'), want, []],
  'another variable, and one too many': [
    printed([there()]),
    { ...want, env: { MODE: 'test' }, ports: [] },
    ['env MODE: live -> test', 'port 80/tcp at 8080: published -> absent'],
  ],
  'its image is another by now': [
    printed([there()], 'sha256:2222'),
    want,
    ['image id: 1111 -> 2222'],
  ],
  'a restart policy that was set by hand': [
    printed([there({ restart: { Name: 'no' } })]),
    want,
    ['restart: no -> unless-stopped'],
  ],
  'a network that was joined by hand': [
    printed([there({ networks: ['bridge', 'x', null] })]),
    want,
    ['networks: bridge, x -> bridge'],
  ],
  stopped: [printed([there({ state: 'exited' })]), want, ['state: exited -> running']],
  paused: [printed([there({ state: 'paused' })]), want, ['state: paused -> running']],
  unhealthy: [printed([there({ health: 'unhealthy' })]), want, ['health: unhealthy -> healthy']],
  'left half replaced': [
    printed([there({ name: '/web.brd-old' })]),
    want,
    ['state: half replaced -> running'],
  ],
  'left with both': [
    printed([there(), there({ name: '/web.brd-old' })]),
    want,
    ['left over: a replacement that was interrupted -> absent'],
  ],
  'one that was made by hand': [
    printed([there({ config: { Image: 'nginx', Labels: null } })]),
    want,
    /a container web \(nginx\) exists that this operation did not create/,
  ],
  'removes it, whoever made it': [
    printed([there({ config: { Image: 'nginx', Labels: null } })]),
    absent,
    ['container: nginx -> absent'],
  ],
  'is absent already': ['end\n', absent, []],
  'removes what was left over': [
    printed([there({ name: '/web.brd-old' })]),
    absent,
    ['container: a replacement that was interrupted -> absent'],
  ],
  'a task of the swarm is not removed': [
    printed([there({}, { 'com.docker.swarm.task.id': 'x' })]),
    absent,
    /remove its service instead/,
  ],
  'a daemon that is down is not an absent container': [
    { exitCode: 3, stderr: 'Docker does not run' },
    absent,
    /Docker does not run/,
  ],
  'nor is half an answer': [`${there()}\n`, want, /cannot be read/],
})

const site = file({ path: '/etc/site', content: 'x' })
const mounting = { ...want, recreateOn: [site] }
const with_ = (inputs: string) =>
  printed([there({}, { 'brd.inputs': inputs })], 'sha256:1111', 'now')
plans<Container>(docker.container, {
  'runs with its files as they are': [with_('now'), mounting, []],
  'was made with others': [with_('then'), mounting, ['inputs: as they were -> file /etc/site']],
  'a file is about to change': [
    with_('now'),
    mounting,
    ['inputs: as they were -> file /etc/site'],
    true,
  ],
  'a new container does not tell of its files': [
    printed([], 'absent', 'now'),
    mounting,
    Object.entries(spec).map(([key, value]) => `${key}: absent -> ${value}`),
    true,
  ],
})

test('the new one is created before the old one stops, and the old one is removed last', () => {
  const { text } = (
    docker
      .container({ ...want, user: '101' })
      .decide(makeOutput(printed([there()])), nothingPending) as Change
  ).apply
  const at = [
    'docker create',
    'docker stop',
    'docker rename web.brd-new web',
    'docker start web >/dev/null ||',
    '! there web.brd-old ||',
  ].map(step => text.indexOf(step))
  assert.equal(
    at,
    at.toSorted((a, b) => a - b),
  )
  assert.ok(at.every(place => place >= 0))
})

for (const [title, more, then] of [
  ['resumed, then started', { state: 'paused' }, 'start web'],
  ['resumed, then stopped and replaced', { state: 'paused', restart: { Name: 'no' } }, 'stop web'],
] as const)
  test(`a paused container is ${title}`, () => {
    const shim = makeDockerShim(`case "$*" in
  'ps --all --format'*) echo web ;;
  *Paused*) [ ! -e "$HERE/resumed" ] && echo true || echo false ;;
  'unpause web') : >"$HERE/resumed" ;;
  'start web' | 'stop web') [ -e "$HERE/resumed" ] || { echo paused >&2; exit 1; } ;;
  *Health*) echo running healthy 0 0 ;;
  *State.Running*) echo true ;;
esac`)
    try {
      const plan = docker
        .container(want)
        .decide(makeOutput(printed([there(more)])), nothingPending) as Change
      const { status, stderr } = spawnSync('sh', ['-c', plan.apply.text], {
        encoding: 'utf8',
        env: { PATH: `${shim.folder}:${process.env['PATH']}` },
      })
      assert.is(status, 0, stderr)
      const calls = shim.calls()
      assert.ok(calls.indexOf('unpause web') < calls.indexOf(then) && calls.includes(then), stderr)
    } finally {
      shim.remove()
    }
  })

test('what Docker would take otherwise is an error at once', () => {
  const bad: [Partial<Running>, RegExp][] = [
    [{ name: 'a/b' }, /letters, digits/],
    [
      { mounts: [{ type: 'bind', source: '/a,readonly', target: '/b' }] },
      /the mount \/b contains a comma/,
    ],
    [{ env: { 'A=B': 'x' } }, /"A=B" is not a variable's name/],
    [{ networks: ['host', 'bridge'] }, /cannot combine host or none/],
    [{ networks: [] }, /networks is empty/],
    [{ labels: { 'brd.container': '' } }, /begins with brd\., which the runner uses/],
  ]
  for (const [more, message] of bad)
    assert.throws(() => docker.container({ ...want, ...more }), message)
})

test.run()
