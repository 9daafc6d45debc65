import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { finishRotation, turnRotation } from '../../../../lib/secrets/generations.ts'
import { initStore } from '../../../../lib/secrets/store.ts'
import { issueKeys, revokeKeys } from '../../../../scripts/lab/s3/keys.ts'

const home = mkdtempSync(join(tmpdir(), 'brd-keys-'))
const before = process.env['BRD_LAB_HOME']
const test = suite('keys')
test.before(() => {
  process.env['BRD_LAB_HOME'] = home
})
test.after(() => {
  if (before === undefined) delete process.env['BRD_LAB_HOME']
  else process.env['BRD_LAB_HOME'] = before
  rmSync(home, { recursive: true })
})

const NAMES = ['stage/s3-access-key', 'stage/s3-secret-key'] as const
const store = () => initStore({ path: join(home, 'secrets.age'), key: join(home, 'age.key') })
type Key = { readonly accessKey: string; readonly secretKey: string; readonly grants: object }
const read = (): readonly Key[] => JSON.parse(readFileSync(join(home, 's3/stage.keys'), 'utf8'))
/** The pair of that suffix, as the server's file has it. */
const pair = async (suffix: string): Promise<string> => {
  const open = await store()
  return NAMES.map(name => open.get(`${name}${suffix}`).reveal()).join()
}
/** The pairs of the assets' bucket in the server's file. */
const file = (): readonly string[] =>
  read()
    .filter(({ grants }) => 'brd-stage-assets' in grants)
    .map(({ accessKey, secretKey }) => `${accessKey},${secretKey}`)

test('a second pair joins the first, and both work until the first is revoked', async () => {
  const open = await store()
  for (const [i, name] of NAMES.entries()) await open.set(name, `first${i}`)
  await issueKeys('stage')
  const [first, second] = [await pair(''), await pair('.next')]
  assert.is(first, 'first0,first1')
  assert.equal(file(), [first, second])
  await issueKeys('stage')
  assert.is(await pair('.next'), second, 'a pair that was issued stays')
  await (await store()).change(({ secrets }) => turnRotation(NAMES)(secrets))
  await issueKeys('stage')
  assert.ok(file().includes(first) && file().includes(second))
  await (await store()).change(({ secrets }) => {
    for (const name of NAMES) delete secrets[`${name}.next`]
  })
  await revokeKeys('stage')
  assert.equal(file(), [second])
  await (await store()).change(({ secrets }) => {
    for (const name of NAMES) finishRotation(name, false)(secrets)
  })
  assert.is(await pair(''), second)
})

test('each pair has its rights: those that write the backups delete locks alone', async () => {
  const open = await store()
  const grants = (name: string) =>
    read().find(({ accessKey }) => accessKey === open.get(`stage/${name}-access-key`).reveal())
      ?.grants
  const whole = ['']
  assert.equal(
    ['backup-write', 'backup-prune', 'backup-read'].map(grants),
    [
      { get: whole, put: whole, list: whole, delete: ['*/locks/'] },
      { get: whole, put: whole, list: whole, delete: whole },
      { get: whole, list: whole },
    ].map(rights => ({ 'brd-stage-backups': rights })),
  )
  assert.not('brd-stage-backups' in (grants('s3') ?? {}))
})

test('an environment that is not there has no bucket', async () => {
  const error = await issueKeys('nowhere').catch(error => error)
  assert.match(error.message, /nowhere has no bucket/)
})

test.run()
