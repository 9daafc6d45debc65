import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { Inventory } from '../../../lib/inventory/inventory.ts'
import { loadProject } from '../../../lib/inventory/load-project.ts'
import { findProject } from '../../../lib/inventory/project.ts'
import type { Operation } from '../../../lib/operation.ts'
import { beginRotation, finishRotation, turnRotation } from '../../../lib/secrets/generations.ts'
import { openVault } from '../../../lib/secrets/vault.ts'
import { readEnvironmentOptions } from '../../../playbooks/deploy/environment.ts'
import { chooseGenerator, nameStoredSecret } from '../../../playbooks/deploy/secrets.ts'
import {
  addNewSecrets,
  environment,
  ROTATED_SECRETS,
  ROTATION_NAMES,
  type RotatedSecret,
  removeOldSecrets,
} from '../../../roles/environment.ts'

const inventory: Inventory = await loadProject(findProject(import.meta.dirname))
const entry = inventory.environments.get('stage') as NonNullable<
  ReturnType<Inventory['environments']['get']>
>

/** A store that this test alone has, and the environment as it says. */
const begun = async () => {
  const store = openVault(async () => null, true)
  for (const pair of ['s3', 'backup-write', 'backup-prune'])
    for (const key of ['access', 'secret']) await store.secret(`stage/${pair}-${key}-key`)
  const options = () => readEnvironmentOptions(entry, store, null)
  await options()
  const names = (keys: readonly RotatedSecret[]) => keys.map(key => nameStoredSecret(entry, key))
  return {
    options,
    begin: (keys: readonly RotatedSecret[]) =>
      store.edit(values => {
        for (const key of keys)
          beginRotation(nameStoredSecret(entry, key), chooseGenerator(key))(values)
      }),
    turn: (keys: readonly RotatedSecret[]) => store.edit(turnRotation(names(keys))),
    finish: (keys: readonly RotatedSecret[]) =>
      store.edit(values => {
        for (const key of keys) finishRotation(nameStoredSecret(entry, key), key === 'walg')(values)
      }),
  }
}
const ids = (list: readonly Operation[]): string[] => list.map(({ id }) => id)

test('each secret has a word of its own', () =>
  assert.is(new Set(Object.values(ROTATION_NAMES)).size, ROTATED_SECRETS.length))

test('database: a second user is made and tried; then the first is ended, with proof', async () => {
  const it = await begun()
  await it.begin(['app'])
  const before = await it.options()
  assert.equal(ids(addNewSecrets(before, ['app'])), [
    'mariadb.user app2@% of stage-data_mariadb',
    'mariadb.accepts app2@% logs in to stage-data_mariadb',
  ])
  assert.ok(ids(environment(before).database).includes('mariadb.user app@% of stage-data_mariadb'))
  await it.turn(['app'])
  const after = await it.options()
  assert.ok(ids(environment(after).database).includes('mariadb.user app2@% of stage-data_mariadb'))
  assert.equal(ids(removeOldSecrets(after, ['app'], true)), [
    'stack.drained stage',
    'mariadb.user without app@% of stage-data_mariadb',
    'mariadb.refuses app@% is refused by stage-data_mariadb',
  ])
})

test('a user of the other generation is gone, unless a rotation is under way', async () => {
  const it = await begun()
  const gone = async () =>
    ids(environment(await it.options()).database).filter(id =>
      id.startsWith('mariadb.user without'),
    )
  assert.equal(
    await gone(),
    ['app2@%', 'backup2@localhost', 'monitor2@%'].map(
      user => `mariadb.user without ${user} of stage-data_mariadb`,
    ),
  )
  await it.begin(['app'])
  assert.is((await gone()).length, 2)
  await it.turn(['app'])
  assert.is((await gone()).length, 2)
  await it.finish(['app'])
  assert.ok((await gone()).includes('mariadb.user without app@% of stage-data_mariadb'))
})

test('the second rotation goes back to the first user', async () => {
  const it = await begun()
  for (const _ of [1, 2]) {
    await it.begin(['app', 'backup'])
    await it.turn(['app', 'backup'])
    await it.finish(['app', 'backup'])
  }
  const users = ids(environment(await it.options()).database).filter(id =>
    /^mariadb\.user (?!without)/.test(id),
  )
  assert.equal(
    users,
    ['app@%', 'backup@localhost', 'monitor@%'].map(
      user => `mariadb.user ${user} of stage-data_mariadb`,
    ),
  )
})

test('all at once: two wishes for one thing are never listed', async () => {
  const it = await begun()
  await it.begin(ROTATED_SECRETS)
  const first = ids(addNewSecrets(await it.options(), ROTATED_SECRETS))
  await it.turn(ROTATED_SECRETS)
  const last = ids(removeOldSecrets(await it.options(), ROTATED_SECRETS, true))
  for (const list of [first, last]) assert.equal([...new Set(list)], list)
  for (const kind of ['mariadb.administrator', 'redis.users', 'restic.key'])
    assert.ok(
      first.some(id => id.startsWith(kind)),
      kind,
    )
  for (const kind of ['mariadb.user without', 'redis.users', 'restic.only', 'walg.full'])
    assert.ok(
      last.some(id => id.startsWith(kind)),
      kind,
    )
})

test('wal-g writes to a place of its own with each key', async () => {
  const it = await begun()
  await it.begin(['walg'])
  await it.turn(['walg'])
  const config = (await import('../../../roles/environment/walg.ts')).renderWalgConfig(
    await it.options(),
  )
  assert.is(
    JSON.parse(config.reveal()).WALG_S3_PREFIX,
    's3://brd-stage-backups/stage/brd-infra-old-1/mariadb-2',
  )
  assert.is(
    removeOldSecrets(await it.options(), ['walg'], false).length,
    1,
    'a stand-in is asked for no backup',
  )
})

test('a deploy in the middle of a rotation keeps both passwords of Redis', async () => {
  const it = await begun()
  await it.begin(['redis'])
  await it.turn(['redis'])
  const options = await it.options()
  const { makeRedisUsers } = await import('../../../roles/environment/redis.ts')
  assert.equal(makeRedisUsers(options).users['default']?.passwords.map(String), [
    '(secret stage/redis)',
    '(secret stage/redis.previous)',
  ])
  assert.ok(makeRedisUsers(options).users['default']?.others)
  await it.finish(['redis'])
  assert.not(makeRedisUsers(await it.options()).users['default']?.others)
})

test.run()
