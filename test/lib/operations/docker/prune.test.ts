import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { Change } from '../../../../lib/operation.ts'
import { docker } from '../../../../lib/operations/docker.ts'
import { makeOutput, nothingPending, plans } from '../../../support/operations.ts'

const at = new Date('2026-11-26T00:00:00Z')
const never = '0001-01-01T00:00:00Z'
const container = (
  id: string,
  { running = false, finished = '2026-11-01T00:00:00Z', image = 'sha256:1', labels = {} } = {},
): string =>
  `container ${JSON.stringify([id, `/${id}`, running, finished, '2026-10-01T00:00:00Z', image, labels])}\n`
const image = (
  id: string,
  tags: string[] | null,
  {
    tagged = never,
    created = '2026-11-01T00:00:00Z',
    labels = {},
    parent = '',
    digests = [] as string[],
  } = {},
): string =>
  `image ${JSON.stringify([id, parent, tags, digests, tagged, created, 12_000_000, labels])}\n`
const want = { imageDays: 10, containerDays: 10, at }

plans(docker.prune, {
  'nothing is there': ['end\n', want, []],
  'images that no container has': [
    `${image('sha256:1', ['a:1'])}end\n`,
    want,
    ['image a:1: 12 MB, here since 2026-11-01 -> absent'],
  ],
  'an image without a name': [
    `${image('sha256:0123456789abcdef', null)}end\n`,
    want,
    ['image 0123456789ab: 12 MB, here since 2026-11-01 -> absent'],
  ],
  'a stopped container, and the image that only it had': [
    `${container('web')}${image('sha256:1', ['a:1'])}end\n`,
    want,
    [
      'container web: stopped since 2026-11-01 -> absent',
      'image a:1: 12 MB, here since 2026-11-01 -> absent',
    ],
  ],
  'a container that runs keeps its image': [
    `${container('web', { running: true })}${image('sha256:1', ['a:1'])}end\n`,
    want,
    [],
  ],
  'a container that was never started': [
    `${container('web', { finished: never })}end\n`,
    want,
    ['container web: stopped since 2026-10-01 -> absent'],
  ],
  'one that stopped lately': [
    `${container('web', { finished: '2026-11-20T00:00:00Z' })}${image('sha256:1', ['a:1'])}end\n`,
    want,
    [],
  ],
  'an old image that was pulled lately': [
    `${image('sha256:1', ['a:1'], { tagged: '2026-11-25T10:00:00+02:00' })}end\n`,
    want,
    [],
  ],
  'a stopped container of the swarm': [
    `${container('web', { labels: { 'com.docker.swarm.task.id': 'x' } })}end\n`,
    want,
    [],
  ],
  'only images': [
    `${container('web')}${image('sha256:1', ['a:1'])}end\n`,
    { imageDays: 10, at },
    [],
  ],
  'names that stay': [
    `${container('web-1')}${image('sha256:1', ['a:1'])}${image('sha256:2', ['b:1', 'b:2'])}end\n`,
    { ...want, keep: ['web-*', 'b:2'] },
    [],
  ],
  'a pattern is no regular expression': [
    `${image('sha256:1', ['ab:1'])}end\n`,
    { ...want, keep: ['a.:1'] },
    ['image ab:1: 12 MB, here since 2026-11-01 -> absent'],
  ],
  'labels that stay': [
    `${image('sha256:1', ['a:1'], { labels: { keep: 'yes' } })}${image('sha256:2', ['b:1'], { labels: { keep: 'no' } })}end\n`,
    { ...want, keepLabels: ['keep=yes'] },
    ['image b:1: 12 MB, here since 2026-11-01 -> absent'],
  ],
  'an image that one which stays was built upon': [
    `${image('sha256:1', ['a:1'])}${image('sha256:2', null, { parent: 'sha256:1' })}${image('sha256:3', ['b:1'], { parent: 'sha256:2' })}end\n`,
    { ...want, keep: ['b:*'] },
    [],
  ],
  'the steps between two images go with the last, unnamed': [
    `${image('sha256:1', ['a:1'])}${image('sha256:2', null, { parent: 'sha256:1' })}${image('sha256:3', ['b:1'], { parent: 'sha256:2' })}end\n`,
    want,
    [
      'image a:1: 12 MB, here since 2026-11-01 -> absent',
      'image b:1: 12 MB, here since 2026-11-01 -> absent',
    ],
  ],
  'a digest of a repository of which it has a tag is no name of its own': [
    `${image('sha256:1', ['r:5000/a:1'], { digests: ['r:5000/a@sha256:9', 'b@sha256:9'] })}end\n`,
    want,
    ['image r:5000/a:1 b@sha256:9: 12 MB, here since 2026-11-01 -> absent'],
  ],
  'half an answer is not an empty node': [image('sha256:1', ['a:1']), want, /cannot be read/],
  'a daemon that is down': [
    { exitCode: 3, stderr: 'Docker does not run' },
    want,
    /Docker does not run/,
  ],
})

test('a newer image goes first, and one with names by all of them', () => {
  const newer = image('sha256:2', null, { created: '2026-11-02T00:00:00Z' })
  const printed = `${image('sha256:1', ['a:1', 'a:2'])}${newer}end\n`
  const { text } = (docker.prune(want).decide(makeOutput(printed), nothingPending) as Change).apply
  assert.match(text, /docker image rm sha256:2 a:1 a:2 /)
})

test.run()
