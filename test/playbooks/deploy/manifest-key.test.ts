/** The public half of the key that signs manifests, which a deploy keeps in the store. */
import { createPrivateKey, createPublicKey } from 'node:crypto'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { makeManifestKey } from '../../../lib/backups/manifest-key.ts'
import { Secret } from '../../../lib/secret.ts'
import { publishManifestKey } from '../../../playbooks/deploy/secrets.ts'

const test = suite('the public half of the key that signs manifests')

const [seed, other] = ['ab'.repeat(32), 'cd'.repeat(32)]
const publish = async (values: Record<string, string>) => {
  let edits = 0
  await publishManifestKey(
    { name: 'stage' },
    {
      find: async name => (values[name] === undefined ? null : new Secret(values[name], name)),
      edit: async change => {
        edits++
        change(values)
      },
    },
  )
  return { values, edits }
}
const whole = {
  'stage/manifest-key': seed,
  'stage/manifest-public-key': makeManifestKey(seed).publicKey,
}

test('it is written, and again for another key; otherwise the store is left alone', async () => {
  assert.equal(await publish({ 'stage/manifest-key': seed }), { values: whole, edits: 1 })
  const stale = { ...whole, 'stage/manifest-public-key': makeManifestKey(other).publicKey }
  assert.equal(await publish(stale), { values: whole, edits: 1 })
  assert.equal(await publish({ ...whole }), { values: whole, edits: 0 })
  assert.equal(await publish({}), { values: {}, edits: 0 })
})

test('nobody signs with it', () => {
  const text = whole['stage/manifest-public-key']
  assert.is(createPublicKey(text).asymmetricKeyType, 'ed25519')
  assert.throws(() => createPrivateKey(text))
})

test.run()
