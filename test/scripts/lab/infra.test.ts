import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { addEarlierRoots } from '../../../scripts/lab/infra.ts'

const test = suite('lab infra')
const pem = (text: string) => `-----BEGIN CERTIFICATE-----\n${text}\n-----END CERTIFICATE-----\n`

test('the newest root comes first, earlier ones stay, each once, ten at most', () => {
  assert.is(addEarlierRoots(pem('a'), ''), pem('a'))
  assert.is(addEarlierRoots(pem('b'), pem('a')), pem('b') + pem('a'))
  assert.is(addEarlierRoots(pem('b'), pem('b') + pem('a')), pem('b') + pem('a'))
  const many = Array.from({ length: 12 }, (_, i) => pem(`r${i}`)).join('')
  assert.is(addEarlierRoots(pem('new'), many).match(/BEGIN/g)?.length, 10)
})

test.run()
