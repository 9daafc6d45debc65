import { sign, verify } from 'node:crypto'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { makeManifestKey } from '../../../lib/backups/manifest-key.ts'

// The first vector of RFC 8032, 7.1: of an empty message.
const seed = '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60'
const signature =
  'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b'

test('a seed is the key of RFC 8032', () => {
  const { privateKey, publicKey } = makeManifestKey(seed)
  assert.is(sign(null, Buffer.alloc(0), privateKey).toString('hex'), signature)
  assert.ok(verify(null, Buffer.alloc(0), publicKey, Buffer.from(signature, 'hex')))
})

test('anything but 64 hexadecimal digits is refused', () => {
  for (const text of ['', seed.slice(1), `${seed}0`, seed.toUpperCase(), `${seed}\n`])
    assert.throws(() => makeManifestKey(text), /64 hexadecimal digits/)
})

test.run()
