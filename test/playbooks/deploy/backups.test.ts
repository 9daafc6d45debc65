import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { Secret } from '../../../lib/secret.ts'
import { readEnvironmentOptions } from '../../../playbooks/deploy/environment.ts'
import { environment, makeAppStack, makeDataStack } from '../../../roles/environment.ts'
import { complaints, inventory, sample } from '../../lib/inventory/sample.ts'

const read = (backups: string, manifest = 'a'.repeat(64)) =>
  readEnvironmentOptions(
    inventory(
      sample.replace(
        'vars: {site: staged}',
        "bucket: {name: abc, endpoint: 'https://s3.example', region: eu}, " +
          `app: {images: {app: 'localhost/shop:v1'}}, backups: ${backups}`,
      ),
    ).environments.get('stage')!,
    {
      secret: async name =>
        new Secret(name.endsWith('/manifest-key') ? manifest : `the value of ${name}`, name),
      find: async () => null,
      hmac: () => 'ab'.repeat(32),
    },
    null,
  )

test('the bucket of backups is on the server of the assets unless another is named', async () => {
  assert.equal((await read('{bucket: {name: abc-backups}}')).backups.bucket, {
    name: 'abc-backups',
    endpoint: 'https://s3.example',
    region: 'eu',
  })
  const other = "{bucket: {name: abc, endpoint: 'https://other.example', region: us}}"
  assert.equal((await read(other)).backups.bucket, {
    name: 'abc',
    endpoint: 'https://other.example',
    region: 'us',
  })
})

test('the bucket of the assets is refused', async () =>
  assert.equal(await complaints(() => read('{bucket: {name: abc}}')), [
    "hosts.yaml: environments.stage: backups.bucket.name is that of the assets' bucket",
  ]))

test('a key of manifests that cannot sign is named', async () =>
  assert.equal(await complaints(() => read('{bucket: {name: abc-backups}}', 'short')), [
    'stage: the secret stage/manifest-key is not 64 hexadecimal digits',
  ]))

test('both pairs of keys are proven before anything is deployed, each by itself', async () => {
  const { bucket } = environment(await read('{bucket: {name: abc-backups}}'))
  assert.equal(
    bucket.filter(({ kind }) => kind === 's3.usable').map(({ id }) => id),
    [
      's3.usable abc at https://s3.example',
      's3.usable abc-backups at https://s3.example, without deleting',
      's3.usable abc-backups at https://s3.example',
    ],
  )
})

test('each service has the keys of its work alone', async () => {
  const env = await read('{bucket: {name: abc-backups}}')
  const holders = (pair: string) =>
    [makeDataStack(env), makeAppStack(env)].flatMap(({ compose, secrets }) =>
      Object.entries(compose.services).flatMap(([name, service]) =>
        (service.secrets ?? []).some(({ source }) =>
          secrets[source]?.reveal().includes(`the value of stage/${pair}-secret-key`),
        )
          ? [name]
          : [],
      ),
    )
  assert.equal(holders('backup-write'), ['walg', 'restic'])
  assert.equal(holders('backup-prune'), ['walg-prune', 'restic-prune'])
  assert.equal(holders('backup-read'), [])
  assert.equal(holders('s3'), ['php', 'cron'])
})

test.run()
