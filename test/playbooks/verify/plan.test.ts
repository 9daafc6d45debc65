/** Where the backups of several environments are, if one of them cannot be found. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { InputError } from '../../../lib/errors/input-error.ts'
import { ScriptError } from '../../../lib/errors/script-error.ts'
import type { Run } from '../../../lib/run/run.ts'
import { findPlaces } from '../../../playbooks/verify/plan.ts'
import { inventory, sample } from '../../lib/inventory/sample.ts'

const test = suite('where the backups are')

const stage = inventory(
  sample.replace(
    'vars: {site: staged}',
    "bucket: {name: abc, endpoint: 'https://s3.example', region: eu}, " +
      "app: {images: {app: 'localhost/shop:v1'}}, backups: {bucket: {name: abc-backups}}",
  ),
).environments.get('stage')!
const other = { ...stage, name: 'other', cluster: stage.cluster, vars: stage.vars }

/** A run whose store has nothing, or throws this for what is asked of `other`. */
const makeRun = (error: Error): Run =>
  ({
    lab: null,
    find: async (name: string) => {
      if (name.startsWith('other/')) throw error
      return null
    },
  }) as unknown as Run

for (const error of [new InputError({ message: 'not in the scope' }), new ScriptError('not in it')])
  test(`one that is not shared keeps no other from being verified: ${error.name}`, async () => {
    const places = await findPlaces(makeRun(error), [other, stage])
    assert.is(places.get(other), error)
    const found = places.get(stage)
    assert.ok(found && !(found instanceof Error))
    assert.is(found.places.bucket.name, 'abc-backups')
  })

test('another error ends it', async () => {
  const error = new TypeError('a fault')
  let thrown: unknown
  await findPlaces(makeRun(error), [other]).catch(caught => {
    thrown = caught
  })
  assert.is(thrown, error)
})

test.run()
