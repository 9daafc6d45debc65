import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { hashApr1, renderUsersFile } from '../../../lib/compose/basic-auth.ts'
import { Secret } from '../../../lib/secret.ts'

// Made by `openssl passwd -apr1 -salt abcd1234 PASSWORD`.
const known = {
  a: '$apr1$abcd1234$0k2xcvade/h3Klo4QJveF1',
  hunter2: '$apr1$abcd1234$kp4J4Xt8p9etOa6EIGGzS/',
  'correct horse battery staple long long': '$apr1$abcd1234$anbH7VRnI8uE3X47QizQm1',
  пароль: '$apr1$abcd1234$L9zblYawXZXk7wkki.aTX/',
}
for (const [password, hash] of Object.entries(known))
  test(`apr1 of ${password}`, () => assert.is(hashApr1(password, 'abcd1234'), hash))

test('the same passwords make the same file, which is a secret', () => {
  const hmac = () => 'abcd1234ffff'
  const file = renderUsersFile({ brd: new Secret('hunter2', 'tools') }, hmac)
  assert.is(file.reveal(), `brd:${known.hunter2}\n`)
  assert.is(`${file}`, '(secret users of the entry point)')
})

test.run()
