import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { hashJson, nameConfig, nameSecret } from '../../../lib/compose/names.ts'
import { Secret } from '../../../lib/secret.ts'

test('a config is named by its content', () => {
  assert.is(nameConfig('web', 'site', 'hello\n'), 'web_site_5891b5b522d5')
  assert.is.not(nameConfig('web', 'site', 'hello'), nameConfig('web', 'site', 'hello\n'))
})

test('a secret is named by a keyed hash that knows its purpose', () => {
  const asked: string[] = []
  const hmac = (purpose: string) => {
    asked.push(purpose)
    return 'abcdef0123456789'
  }
  assert.is(nameSecret('web', 'db', new Secret('hunter2', 'db'), hmac), 'web_db_abcdef012345')
  assert.equal(asked, ['docker secret web/db'])
})

test('a name that Docker does not take is refused, and says how long it is', () => {
  assert.throws(
    () => nameConfig('web', 'x'.repeat(60), 'a'),
    /config x{60}: its full name .* has 77 characters, Docker takes 64/,
  )
})

test('a hash does not depend on the order of keys', () => {
  assert.is(hashJson({ a: 1, b: [{ c: 2, d: 3 }] }), hashJson({ b: [{ d: 3, c: 2 }], a: 1 }))
  assert.is.not(hashJson({ a: [1, 2] }), hashJson({ a: [2, 1] }))
})

test.run()
