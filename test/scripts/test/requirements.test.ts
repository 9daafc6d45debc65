import { existsSync } from 'node:fs'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { requirements } from '../../../scripts/test/requirements.ts'

test('every file of the table exists', () => {
  for (const file of requirements.keys()) assert.ok(existsSync(file), file)
})
test.run()
