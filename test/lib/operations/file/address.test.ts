import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { apt } from '../../../../lib/operations/apt.ts'
import { refuseLogin } from '../../../../lib/operations/file/address.ts'
import { waitFor } from '../../../../lib/operations/waitFor.ts'

const said = /every user of the host could read the password in it/
test('a login in an address is refused, over http a name alone too', () => {
  for (const address of [
    'https://me:pw@a.example/b',
    'https://token@a.example/b',
    'HTTP://:pw@a.example',
    'ssh://git:pw@a.example/b',
  ])
    assert.throws(() => refuseLogin('url', address, 'do it otherwise'), said, address)
  for (const address of [
    'https://a.example/b@c',
    'https://a.example?to=a@b',
    'ssh://git@a.example/b',
    'git@a.example:b/c',
    '/srv/a:b@c',
  ])
    assert.not.throws(() => refuseLogin('url', address, ''), address)
})
const source = { name: 'a', suites: ['b'], key: { content: 'k' } }
test('so it is in a package source, and in what is waited for', () => {
  assert.throws(
    () => apt.repository({ ...source, uris: ['https://me:pw@apt.example'] }),
    /uris: every user .*\n.*auth\.conf\.d/,
  )
  assert.throws(() => waitFor({ url: 'https://me:pw@a.example/' }), said)
})
test('a package source is made of words', () => {
  const uris = ['https://apt.example Trusted']
  assert.throws(() => apt.repository({ ...source, uris }), /must be one word/)
})

test.run()
