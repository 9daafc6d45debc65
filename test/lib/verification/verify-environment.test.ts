import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { REQUIRED_CHECKS } from '../../../lib/backups/verdict.ts'
import { beginChecks } from '../../../lib/verification/checks.ts'
import type { EnvironmentNight } from '../../../lib/verification/night.ts'
import { findLastGroup, keepNight, readNights } from '../../../lib/verification/nights.ts'
import {
  type EnvironmentBackups,
  makeUnverified,
  verifyEnvironment,
} from '../../../lib/verification/verify-environment.ts'
import { verifyEnvironments } from '../../../lib/verification/verify-environments.ts'

const test = suite('the verification of environments')
const began = new Date('2026-11-28T02:00:00Z')

/** Backups whose containers are only counted. */
const makeBackups = (
  more: Partial<EnvironmentBackups> = {},
): EnvironmentBackups & { readonly ended: string[] } => {
  const ended: string[] = []
  const backups = {
    environment: 'stage',
    cluster: 'brd-infra-stage',
    notCovered: ['assets'],
    open: async (part: string) => ({
      name: part,
      end: async () => void ended.push(part),
    }),
    ended,
    ...more,
  }
  return backups as unknown as EnvironmentBackups & { readonly ended: string[] }
}

type Parts = NonNullable<Parameters<typeof verifyEnvironment>[2]>
const isOfFiles = (name: string): boolean => /files|redis/.test(name)
const covered = REQUIRED_CHECKS.filter(name => name !== 'assets')
const whole: Parts = {
  verifyDatabase: async (_, __, checks) => {
    for (const name of covered.filter(name => !isOfFiles(name)))
      await checks.make(name, () => 'well')
    return {
      backup: 'stream_20261128T010000Z',
      restorableTo: new Date('2026-11-28T01:58:30Z'),
      bytes: { packed: 10, unpacked: 40 },
    }
  },
  verifyFiles: async (_, __, checks) => {
    for (const name of covered.filter(isOfFiles)) await checks.make(name, () => 'well')
    return {
      snapshot: 'a',
      group: 3,
      sampled: { files: 2, bytes: 5, share: 0.5 },
      bytes: 10,
    }
  },
}
const verify = (backups: EnvironmentBackups, parts: Partial<Parts> = {}) =>
  verifyEnvironment(backups, { now: () => began, random: () => 0.5 }, { ...whole, ...parts })

test('all checks pass: PASS, with what was proven and what is not covered', async () => {
  const backups = makeBackups()
  const { checks, stages, ...night } = await verify(backups)
  assert.equal(night, {
    environment: 'stage',
    cluster: 'brd-infra-stage',
    verdict: 'PASS',
    reasons: [],
    backup: 'stream_20261128T010000Z',
    restorableTo: '2026-11-28T01:58:30.000Z',
    rpoSeconds: 90,
    sizes: [
      { name: 'full backup', bytes: 10 },
      { name: 'full backup, unpacked', bytes: 40 },
      { name: 'files', bytes: 10 },
    ],
    filesSampled: { files: 2, bytes: 5, share: 0.5 },
    packGroup: 3,
    notCovered: ['assets'],
    readableBy: null,
  })
  assert.is(checks.length, covered.length + 2)
  assert.equal(backups.ended, ['database', 'files'])
})

test('a stage has the time of its work, by turns and if it fails; checks have theirs', async () => {
  let ms = 0
  const checks = beginChecks(() => ms)
  const work =
    (took: number, fails = false) =>
    async () => {
      ms += took
      if (fails) throw new Error('a fault')
    }
  await checks.make('contents of the database', async () => {
    for (const _ of [1, 2]) {
      await checks.time('replay', work(1500))
      await checks.time('compare', work(250))
    }
    return 'well'
  })
  await checks.make('restore of files', async () => {
    await checks.time('restore files', work(40, true))
    return 'never'
  })
  assert.equal(checks.stages, [
    { name: 'replay', seconds: 3 },
    { name: 'compare', seconds: 0.5 },
    { name: 'restore files', seconds: 0.04 },
  ])
  assert.equal(
    checks.made.map(({ is, seconds }) => [is, seconds]),
    [
      ['passed', 3.5],
      ['unverified', 0.04],
    ],
  )
})

test('the stages of a night are those that its parts timed; its readers are said', async () => {
  const { stages, readableBy } = await verify(makeBackups({ readableBy: 'Readable by anna' }), {
    verifyDatabase: async (place, database, checks) => {
      await checks.time('fetch', async () => {})
      return whole.verifyDatabase(place, database, checks)
    },
  })
  assert.equal(
    stages.map(({ name }) => name),
    ['fetch'],
  )
  assert.is(readableBy, 'Readable by anna')
})

test('without a reason not to cover them, assets are missed', async () => {
  const { verdict, reasons } = await verify(makeBackups({ notCovered: [] }))
  assert.is(verdict, 'COULD NOT VERIFY')
  assert.equal(reasons, ['not checked: assets'])
})

test('the age of a canary is that at the beginning, however long the restore takes', async () => {
  let minutes = 0
  const asked: string[] = []
  await verifyEnvironment(
    makeBackups(),
    { now: () => new Date(began.getTime() + 60_000 * minutes++), random: () => 0 },
    {
      ...whole,
      verifyDatabase: async (place, backups, checks) => {
        for (const _ of [1, 2, 3]) asked.push(backups.now().toISOString())
        return whole.verifyDatabase(place, backups, checks)
      },
    },
  )
  assert.equal(asked, Array(3).fill(began.toISOString()))
})

test('an engine that is away: COULD NOT VERIFY, in its words', async () => {
  const night = await verify(
    makeBackups({ open: () => Promise.reject(new Error('Cannot connect to the Docker daemon')) }),
  )
  assert.is(night.verdict, 'COULD NOT VERIFY')
  assert.equal(night.reasons.slice(0, 2), [
    'a container for the database: Cannot connect to the Docker daemon',
    'a container for the files: Cannot connect to the Docker daemon',
  ])
  assert.is(night.restorableTo, null)
  assert.is(night.rpoSeconds, null)
})

test('a part that throws is no PASS; its container goes; the other part is looked at', async () => {
  const backups = makeBackups()
  const night = await verify(backups, {
    verifyDatabase: () => Promise.reject(new Error('a fault')),
  })
  assert.is(night.verdict, 'COULD NOT VERIFY')
  assert.match(night.reasons[0] ?? '', 'verification of the database: a fault')
  assert.equal(backups.ended, ['database', 'files'])
  assert.is(night.packGroup, 3)
})

test('one check that failed: FAIL, with its reason alone', async () => {
  const { verdict, reasons } = await verify(makeBackups(), {
    verifyFiles: async (place, files, checks) => {
      checks.add({ name: 'redis', is: 'failed', detail: 'cut off', seconds: 0 })
      return whole.verifyFiles(place, files, checks)
    },
  })
  assert.equal([verdict, reasons], ['FAIL', ['redis: cut off']])
})

const night = (environment: string, more: Partial<EnvironmentNight> = {}): EnvironmentNight => ({
  ...makeUnverified({ environment, cluster: 'c' }, 'none'),
  ...more,
})

test('several go on within a limit, in their order; one that throws ends no other', async () => {
  let running = 0
  let most = 0
  const found = await verifyEnvironments(
    ['a', 'b', 'c', 'd', 'e'].map(environment => ({
      environment,
      cluster: 'c',
      verify: async () => {
        most = Math.max(most, ++running)
        await new Promise(resolve => setImmediate(resolve))
        running--
        if (environment === 'b') throw new Error('the disk is full')
        return night(environment)
      },
    })),
    2,
  )
  assert.is(most, 2)
  assert.equal(
    found.map(({ environment }) => environment),
    ['a', 'b', 'c', 'd', 'e'],
  )
  assert.equal([found[1]?.verdict, found[1]?.reasons], ['COULD NOT VERIFY', ['the disk is full']])
})

test('nights are kept in order; the last group of packs is found in them', async () => {
  const state = mkdtempSync(join(tmpdir(), 'brdtest-nights-'))
  try {
    assert.equal(await readNights(state), [])
    const keep = (day: string, environments: readonly EnvironmentNight[]) =>
      keepNight(state, {
        began: `2026-11-${day}T02:00:00.000Z`,
        ended: `2026-11-${day}T02:10:00.000Z`,
        host: 'verifier',
        runnerVersion: '0.1.0',
        environments,
      })
    await keep('27', [night('stage', { packGroup: 7 }), night('feature', { packGroup: 2 })])
    await keep('28', [night('stage')])
    await keep('26', [night('stage', { packGroup: 6 })])
    writeFileSync(join(state, 'nights/2026-11-25T02-00-00.000Z.json'), '{"cut": ')
    const nights = await readNights(state)
    assert.equal(
      nights.map(({ began }) => began.slice(8, 10)),
      ['26', '27', '28'],
    )
    assert.is(findLastGroup(nights, 'stage'), 7)
    assert.is(findLastGroup(nights, 'old-prod'), null)
  } finally {
    rmSync(state, { recursive: true })
  }
})

test.run()
