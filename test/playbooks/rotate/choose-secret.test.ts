import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { Environment } from '../../../lib/inventory/inventory.ts'
import { loadProject } from '../../../lib/inventory/load-project.ts'
import { findProject } from '../../../lib/inventory/project.ts'
import { chooseSecret } from '../../../playbooks/rotate/choose-secret.ts'

const { environments } = await loadProject(findProject(import.meta.dirname))
const stage = environments.get('stage') as Environment
const entry: Environment = Object.create(stage, {
  vars: { value: { ...stage.vars, app: { ...stage.vars.app, secrets: ['STRIPE_KEY'] } } },
})

const rows: Record<string, readonly [names: readonly string[], made: RegExp | null]> = {
  database: [['stage/mariadb-app'], /^[A-Za-z0-9]{32}$/],
  'redis-admin': [['stage/redis-admin'], /^[A-Za-z0-9]{32}$/],
  walg: [['stage/walg-key'], /^[0-9a-f]{64}$/],
  s3: [['stage/s3-access-key', 'stage/s3-secret-key'], null],
  'backup-write': [['stage/backup-write-access-key', 'stage/backup-write-secret-key'], null],
  'backup-prune': [['stage/backup-prune-access-key', 'stage/backup-prune-secret-key'], null],
  'app:STRIPE_KEY': [['stage/STRIPE_KEY'], null],
}
for (const [word, [names, made]] of Object.entries(rows))
  test(`${word}: ${names.join(' and ')}`, () => {
    const chosen = chooseSecret(entry, word, false)
    assert.equal(chosen.names, names)
    if (made) assert.match(chosen.generate?.() ?? '', made)
    else assert.is(chosen.generate, null)
  })

test('a secret of the application is made up where that is asked for', () =>
  assert.match(chooseSecret(entry, 'app:STRIPE_KEY', true).generate?.() ?? '', /^[A-Za-z0-9]{32}$/))

test('a word that is none names the nearest', () =>
  assert.throws(
    () => chooseSecret(entry, 'databse', false),
    /--secret databse: stage has no such secret; did you mean "database"\?/,
  ))

test.run()
