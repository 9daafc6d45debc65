import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { deriveStack } from '../../../lib/operations/stack/wanted.ts'
import { Secret } from '../../../lib/secret.ts'
import { readEnvironmentOptions } from '../../../playbooks/deploy/environment.ts'
import { environment, makeAppStack } from '../../../roles/environment.ts'
import { complaints, inventory, sample } from '../../lib/inventory/sample.ts'

const vault = {
  secret: async (name: string, generate?: () => string) =>
    new Secret(
      /^absent$|\/manifest-key$/.test(name) ? (generate?.() ?? '') : `the value of ${name}`,
      name,
    ),
  find: async () => null,
  hmac: () => 'ab'.repeat(32),
}
const options = (registry: string, release?: string) =>
  readEnvironmentOptions(
    inventory(
      sample.replace(
        'vars: {site: staged}',
        `bucket: {name: abc}, backups: {bucket: {name: abc-backups}}, app: {images: {app: 'localhost/shop:v1'}, registry: ${registry}}`,
      ),
    ).environments.get('stage')!,
    vault,
    null,
    release,
  )

test('the manager logs in to a registry before anything is deployed', async () => {
  const { data, serving } = environment(await options('{address: registry.example, user: ci}'))
  assert.equal(
    data.map(({ kind }) => kind),
    ['docker.login', 'docker.node', 'docker.network', 'stack'],
  )
  assert.not.match(JSON.stringify([data, serving]), /the value of registry\/password/)
})

test('where none is named nobody logs in', async () =>
  assert.equal(
    environment(await options('{address: registry.example}')).data.map(({ kind }) => kind),
    ['docker.node', 'docker.network', 'stack'],
  ))

test('a user without a registry is bad input, as is a missing password', async () => {
  assert.equal(await complaints(() => options('{user: ci}')), [
    'hosts.yaml: environments.stage: app.registry.address is required',
  ])
  assert.equal(
    await complaints(() => options('{address: registry.example, user: ci, password: absent}')),
    ['stage: the secret absent is not in the store'],
  )
})

test('a release of a carried image is its id', async () => {
  const id = `sha256:${'a'.repeat(64)}`
  const env = await options('{}', id)
  assert.is(env.images.app, `localhost/shop@${id}`)
  assert.match(deriveStack(makeAppStack(env)).file, `image: ${id}\n`)
})

test.run()
