import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { InputError } from '../../../lib/errors/input-error.ts'
import type { PlayedHosts } from '../../../lib/run/options.ts'
import { PendingPlays } from '../../../lib/run/pending-plays.ts'

const played = { ok: [] } as unknown as PlayedHosts
const turnOver = () => new Promise(resolve => setImmediate(resolve))

test('a script gets what its play gives, and has forgotten nothing once it is over', async () => {
  const plays = new PendingPlays()
  assert.is(await plays.add(Promise.resolve(played), 'web'), played)
  assert.is(await plays.end(), undefined)
})

test('a play that failed is over too', async () => {
  const plays = new PendingPlays()
  const failed = await plays.add(Promise.reject(new Error('exit 3')), 'web').catch(String)
  assert.is(failed, 'Error: exit 3')
  assert.is(await plays.end(), undefined)
})

test('plays that are not awaited are waited for and named, whether they fail or not', async () => {
  const plays = new PendingPlays()
  let [open, fail] = [(_: PlayedHosts) => {}, (_: Error) => {}]
  void plays.add(new Promise(resolve => (open = resolve)), 'web')
  void plays.add(new Promise((_, reject) => (fail = reject)), 'db')
  await plays.add(Promise.resolve(played), 'over')
  let isOver = false
  const ending = plays.end().finally(() => (isOver = true))
  fail(new Error('exit 3'))
  await turnOver()
  assert.is(isOver, false)
  open(played)
  const error = await ending
  assert.instance(error, InputError)
  assert.is(
    error?.message,
    'web, db: the script was over before this play was\n' +
      '  Write await before run.play(…): it gives a promise.',
  )
})

test.run()
