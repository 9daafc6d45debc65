import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { redis } from '../../../lib/operations/redis.ts'

test('the namespace offers these operations, each tested under redis/', () =>
  assert.equal(Object.keys(redis).sort(), ['accepts', 'ping', 'refuses', 'setting', 'users']))

test.run()
