import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { buildRecipe, nameImage } from '../../../lib/images/recipes.ts'
import { complaints, inventory, sample } from '../inventory/sample.ts'

const sha = `sha256:${'b'.repeat(64)}`
const asked = (app: string, release?: string) => ({
  entry: inventory(sample.replace('vars: {site: staged}', `app: ${app}`)).environments.get(
    'stage',
  )!,
  release,
  root: '/project',
  file: '/home/anna/hosts.yaml',
  place: (option: string) => `hosts.yaml:1:1 (${option})`,
  here: (ref: string) => `on-this-engine/${ref}`,
})

const names: Record<string, [app: string, release: string | undefined, name: string]> = {
  'the tag of hosts.yaml': ['{images: {app: "localhost/shop:v1"}}', undefined, 'localhost/shop:v1'],
  'a release in its place': ['{images: {app: "localhost/shop:v1"}}', 'v2', 'localhost/shop:v2'],
  'the digest of before is not that of the next': [
    `{images: {app: "registry.example/shop:V1@${sha}"}}`,
    undefined,
    'registry.example/shop:V1',
  ],
  'a release where there is a digest alone': [
    `{images: {app: "registry.example:5000/shop@${sha}"}}`,
    'v2',
    'registry.example:5000/shop:v2',
  ],
}
for (const [title, [app, release, name]] of Object.entries(names))
  test(title, () => assert.is(nameImage('app', asked(app, release)), name))

test('a release is of the application alone', () =>
  assert.is(
    nameImage('walg', asked('{images: {walg: "localhost/walg:3"}}', 'v2')),
    'localhost/walg:3',
  ))

test('what is lacking is named with its place', async () => {
  assert.equal(await complaints(() => nameImage('app', asked('{}'))), [
    'environments.stage: app.images.app is required',
  ])
  assert.equal(await complaints(() => nameImage('app', asked(`{images: {app: "shop@${sha}"}}`))), [
    `hosts.yaml:1:1 (app.images.app): shop@${sha} has a digest and no tag to build it under`,
  ])
  assert.match(
    (
      await complaints(() => buildRecipe('app', asked('{images: {app: "localhost/shop:v1"}}')))
    ).join(),
    'app.build.context is required',
  )
})

test('the application is built from the folder in hosts.yaml, and knows its release', () => {
  const {
    folder,
    ref,
    arguments: values,
  } = buildRecipe(
    'app',
    asked(
      '{images: {app: "localhost/shop:v1"}, build: {context: ../shop, arguments: {CHANNEL: live}}}',
      'v2',
    ),
  )
  assert.equal(
    [folder, ref, values],
    ['/home/shop', 'localhost/shop:v2', { CHANNEL: 'live', RELEASE: 'v2' }],
  )
})

test("wal-g is built of the server's image as this engine calls it", () => {
  const {
    folder,
    ref,
    arguments: values,
    programs,
  } = buildRecipe('walg', asked('{images: {mariadb: "mariadb:10.11", walg: "brd/walg:3"}}'))
  assert.equal(
    [folder, ref, programs],
    ['/project/roles/environment/images/walg', 'brd/walg:3', ['wal-g', 'supercronic']],
  )
  assert.equal(values, { MARIADB: 'on-this-engine/mariadb:10.11' })
})

test.run()
