import { inspect } from 'node:util'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Secret } from '../../lib/secret.ts'

const test = suite('Secret')

test('it shows as its name wherever it is shown', () => {
  const secret = new Secret('hunter2', 'db')
  const shown = [
    `${secret}`,
    JSON.stringify({ secret }),
    inspect({ deep: [secret] }, { showHidden: true, depth: 9 }),
    String([secret]),
    Object.values(secret).join(),
  ]
  for (const text of shown) assert.not.match(text, /hunter2/)
  assert.is(`${secret}`, '(secret db)')
  assert.is(secret.reveal(), 'hunter2')
})

test.run()
