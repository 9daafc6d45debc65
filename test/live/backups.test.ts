/**
 * Backups of an environment, proven by restoring them; then damage of several kinds. All kinds, and
 * more instants and kills: `npm run test:backups`.
 */
import { appendFileSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { pollUntil } from '../../lib/run/wait-until.ts'
import { Secret } from '../../lib/secret.ts'
import { askDocker } from '../../lib/verification/docker-process.ts'
import { LABEL, removeLeftovers } from '../../lib/verification/throwaway.ts'
import { findWrongInstants } from '../backups/instants.ts'
import { killVerifier, type Moment } from '../backups/kills.ts'
import { damages, withDamage } from '../backups/kinds.ts'
import { type AcknowledgedWrite, requireSuccess, seedBackups } from '../backups/seed.ts'
import { judgePart, verifyPart } from '../backups/verify.ts'
import { type BackupLab, openBackupLab } from '../support/backup-lab.ts'
import { makeBackupProject } from '../support/backup-project.ts'

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

test('the playbook: PASS, FAIL, COULD NOT VERIFY, each signed in the ledger', async () => {
  await requireSuccess(lab.inWalg('brd-backup canary; brd-backup binlogs'))
  const project = await makeBackupProject(lab.store)
  const verify = (...flags: readonly string[]) =>
    project.verify('--network', lab.kit.network, ...flags)
  const count = (): number =>
    readFileSync(join(project.state, 'ledger'), 'utf8').split('\n').length - 1
  try {
    const good = await verify()
    assert.is(good.code, 0, good.stdout + good.stderr)
    assert.match(
      good.stdout,
      /^stage {2}PASS {2}c\n {4}Restorable to .* Not covered: assets\. Readable by .*\.$/m,
    )
    assert.match(good.stdout, /^ledger: 1 line, the last is [0-9a-f]{64}$/m)
    for (const secret of Object.values(lab.store.secrets).filter(one => one.length > 10))
      assert.not.ok((good.stdout + good.stderr).includes(secret))
    const damage = damages.find(({ name }) => name === 'a truncated stream')
    assert.ok(damage)
    await withDamage(lab, damage, async () => {
      const bad = await verify()
      assert.is(bad.code, 2, bad.stdout + bad.stderr)
      assert.match(bad.stdout, /^stage {2}FAIL.*\n {4}restore of the database: stream_/m)
    })
    await lab.setStore('pause')
    try {
      const away = await verify('--answer-within', '5')
      assert.is(away.code, 4, away.stdout + away.stderr)
      assert.match(away.stdout, /^stage {2}COULD NOT VERIFY.*\n {4}freshness of the database: /m)
    } finally {
      await lab.setStore('unpause')
    }
    assert.is(count(), 3)
    appendFileSync(join(project.state, 'ledger'), 'a line\n')
    const edited = await verify('--env', 'stage')
    assert.is(edited.code, 6, edited.stdout + edited.stderr)
    assert.match(edited.stderr, 'ledger, line 4: is not an entry of a ledger')
    assert.is(count(), 4)
  } finally {
    project.remove()
  }
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
