import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { parse } from 'yaml'
import type { Compose } from '../../../lib/compose/compose.ts'
import {
  type ImageReference,
  isCarried,
  parseImage,
  resolveRunName,
} from '../../../lib/compose/image.ts'
import { renderCompose } from '../../../lib/compose/render.ts'
import { describeService } from '../../../lib/compose/service-facts.ts'

const sha = `sha256:${'a'.repeat(64)}`

const rows: Record<string, ImageReference> = {
  'nginx:1.22': { host: 'docker.io', repository: 'nginx', tag: '1.22' },
  nginx: { host: 'docker.io', repository: 'nginx' },
  'brd/app:v1': { host: 'docker.io', repository: 'brd/app', tag: 'v1' },
  'registry.example/shop/app:v1': {
    host: 'registry.example',
    repository: 'registry.example/shop/app',
    tag: 'v1',
  },
  'registry.example:5000/app': {
    host: 'registry.example:5000',
    repository: 'registry.example:5000/app',
  },
  'registry:5000/app:v1': { host: 'registry:5000', repository: 'registry:5000/app', tag: 'v1' },
  [`brd/app@${sha}`]: { host: 'docker.io', repository: 'brd/app', digest: sha },
  [`localhost/app:v1@${sha}`]: {
    host: 'localhost',
    repository: 'localhost/app',
    tag: 'v1',
    digest: sha,
  },
  'localhost:5000/app:v1': { host: 'localhost:5000', repository: 'localhost:5000/app', tag: 'v1' },
}
for (const [ref, expected] of Object.entries(rows))
  test(`the parts of ${ref}`, () => assert.equal(parseImage(ref), expected))

const run: Record<string, [ref: string, as: string, carried: boolean]> = {
  'a carried image goes by its id': [`localhost/app:v1@${sha}`, sha, true],
  'a carried image whose id is not written goes by its name': [
    'localhost/app:v1',
    'localhost/app:v1',
    true,
  ],
  'the digest of a registry stays': [
    `registry.example/app:v1@${sha}`,
    `registry.example/app:v1@${sha}`,
    false,
  ],
  'a registry on this machine is a registry': [
    `localhost:5000/app@${sha}`,
    `localhost:5000/app@${sha}`,
    false,
  ],
  'an id stays an id': [sha, sha, false],
}
for (const [title, [ref, as, carried]] of Object.entries(run))
  test(title, () => assert.equal([resolveRunName(ref), isCarried(ref)], [as, carried]))

const compose = (image: `${string}:${string}`): Compose => ({
  services: {
    web: { image, networks: [], deploy: { endpoint_mode: 'dnsrr', labels: { a: 'b' } } },
  },
  networks: {},
})
const none = { configs: {}, secrets: {} }

test('a stack runs a carried image by its id and keeps its name as a label', () => {
  const ref = `localhost/app:v1@${sha}` as const
  const { image, deploy } = parse(renderCompose(compose(ref), none)).services.web
  assert.equal([image, deploy.labels['brd.image'], deploy.labels.a], [sha, ref, 'b'])
  const facts = describeService('shop', 'web', compose(ref).services['web']!, none, new Set())
  assert.equal([facts['image'], facts['label brd.image']], [sha, ref])
  assert.is(facts['label brd.spec'], deploy.labels['brd.spec'])
})

test('any other image is as it is written, and has no label of its name', () => {
  const { image, deploy } = parse(renderCompose(compose('nginx:1.22'), none)).services.web
  assert.equal([image, Object.keys(deploy.labels)], ['nginx:1.22', ['a', 'brd.spec']])
})

test.run()
