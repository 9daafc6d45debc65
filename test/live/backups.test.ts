/**
 * Backups of an environment, proven by restoring them; then damage of several kinds. All kinds, and
 * more instants and kills: `npm run test:backups`.
 */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { pollUntil } from '../../lib/run/wait-until.ts'
import { Secret } from '../../lib/secret.ts'
import { askDocker } from '../../lib/verification/docker-process.ts'
import { LABEL, removeLeftovers } from '../../lib/verification/throwaway.ts'
import { findWrongInstants } from '../backups/instants.ts'
import { killVerifier, type Moment } from '../backups/kills.ts'
import { damages, withDamage } from '../backups/kinds.ts'
import { type AcknowledgedWrite, seedBackups } from '../backups/seed.ts'
import { judgePart, verifyPart } from '../backups/verify.ts'
import { type BackupLab, openBackupLab } from '../support/backup-lab.ts'

let lab: BackupLab
let written: readonly AcknowledgedWrite[] = []
test.before(async () => {
  lab = await openBackupLab()
  written = await seedBackups(lab, 3)
})
test.after(() => lab?.end())

test('what is whole passes: the database by its units and to its end; files; Redis', async () => {
  const database = await verifyPart(lab, 'database')
  assert.is(judgePart('database', database), 'PASS')
  const detail = (name: string): string =>
    database.find(check => check.name === name)?.detail ?? `${name} is missing`
  assert.match(detail('contents of the database'), '3 tables, 255 rows')
  assert.match(detail('canary'), /min would be lost/)
  assert.is(judgePart('files', await verifyPart(lab, 'files')), 'PASS')
})

test('two instants, each the position of an acknowledged write, are restored exactly', async () => {
  assert.equal(await findWrongInstants(lab, written.slice(0, 2)), [])
})

for (const damage of damages.filter(({ isQuick }) => isQuick))
  test(`${damage.name}: FAIL, with its reason`, () =>
    withDamage(lab, damage, async () => {
      const said = judgePart(damage.part, await verifyPart(lab, damage.part))
      assert.ok(damage.wanted.test(said), said)
    }))

test('what cannot be looked at is not called damaged: keys refused, the store away', async () => {
  const { secrets } = lab.database()
  const config = secrets['walg.json'].reveal().replace('secret of READ', 'another')
  const refused = await verifyPart(lab, 'database', {
    database: { secrets: { ...secrets, 'walg.json': new Secret(config, 'walg.json') } },
  })
  assert.match(
    judgePart('database', refused),
    /^COULD NOT VERIFY\nfreshness of the database: .*SignatureDoesNotMatch/,
  )
  await lab.setStore('pause')
  try {
    assert.match(
      judgePart('database', await verifyPart(lab, 'database', { database: { askSeconds: 10 } })),
      /^COULD NOT VERIFY\nfreshness of the database: .*no answer in time/,
    )
  } finally {
    await lab.setStore('unpause')
  }
})

test('a verifier that is killed leaves no container and no volume', async () => {
  const list = async (...args: readonly string[]): Promise<string> =>
    (await askDocker(lab.docker, args)).stdout
  const listVolumes = () => list('volume', 'ls', '--quiet', '--filter', 'dangling=true')
  const before = await listVolumes()
  for (const moment of ['open', 'run', 'fetch'] satisfies Moment[]) {
    await killVerifier(lab, moment)
    const isGone = async () =>
      (await list('ps', '--all', '--quiet', '--filter', `label=${LABEL}=killed`)) === ''
    assert.ok(await pollUntil(60_000, isGone), moment)
  }
  assert.ok(await pollUntil(30_000, async () => (await listVolumes()) === before))
  assert.equal(await removeLeftovers(lab.docker, run => run !== 'killed'), [])
})

test.run()
