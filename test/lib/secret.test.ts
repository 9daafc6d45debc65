import { inspect } from 'node:util'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Deferred } from '../../lib/deferred.ts'
import { token } from '../../lib/operations/docker/swarm.ts'
import { readSudoPassword } from '../../lib/playbook.ts'
import { countSecretOverlap, hideSecret, redactSecrets, Secret } from '../../lib/secret.ts'

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
  assert.is(JSON.stringify({ secret }), '{"secret":"(secret db)"}')
  assert.is(inspect({ secret }), '{ secret: (secret db) }')
})

test('how much of a secret a text may end with is counted', () => {
  const secret = hideSecret(new Secret('overlapping-value', 'overlap'))
  assert.is(countSecretOverlap(`x ${secret.reveal().slice(0, 9)}`), 9)
  assert.is(countSecretOverlap('nothing of it #'), 0)
})

test('the sudo password is hidden once it is known, and from child processes', async () => {
  process.env['BRD_SUDO_PASSWORD'] = 'open-sesame-7'
  const password = await readSudoPassword({})
  assert.is(password?.reveal(), 'open-sesame-7')
  assert.is(process.env['BRD_SUDO_PASSWORD'], undefined)
  const basic = Buffer.from('ops:open-sesame-7').toString('base64')
  assert.is(redactSecrets('x open-sesame-7'), 'x (secret BRD_SUDO_PASSWORD)')
  assert.not.match(redactSecrets(basic), 'c2VzYW1l')
})

test('a join token of a swarm is hidden once it was read', () => {
  const provides = new Deferred<Secret>('the token')
  const value = 'SWMTKN-1-49nj1cmql0jkz5s954yi3oex3nedyz0fb0xx14ie39trti4wxv'
  const probed = { exitCode: 0, stdout: Buffer.from(`${value}\n`), stderr: '' }
  token({ role: 'worker', provides }).decide(probed, { isPending: () => false } as never)
  assert.is(redactSecrets(`joins with ${value}`), 'joins with (secret join token for a worker)')
})

test.run()
