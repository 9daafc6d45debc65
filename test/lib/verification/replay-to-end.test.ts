import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { beginChecks } from '../../../lib/verification/checks.ts'
import type { DatabaseBackups } from '../../../lib/verification/database-backups.ts'
import { replayToEnd } from '../../../lib/verification/replay-to-end.ts'
import type { Throwaway } from '../../../lib/verification/throwaway.ts'

const test = suite('a replay to the end')
const began = new Date('2026-11-28T02:00:00Z')

/** A restored server that answers: the last canary is of this time. */
const makePlace = (canary: string): Throwaway =>
  ({
    run: async ({ input = '' }: { input?: string }) => {
      const stdout = /MAX\(at\)/.test(input)
        ? `${canary}\n`
        : /COUNT\(\*\) FROM brd_backup.canary WHERE at >=/.test(input)
          ? '0\n'
          : '7\t7\n'
      return { exitCode: 0, stdout, stderr: '' }
    },
  }) as unknown as Throwaway

const lookAt = async (canary: string) => {
  const checks = beginChecks()
  await replayToEnd(
    makePlace(canary),
    { query: 'SELECT 1', now: () => began, random: () => 0 } as DatabaseBackups,
    { files: [], span: [began, began] },
    checks,
  )
  const found = checks.made.find(({ name }) => name === 'canary')
  return `${found?.is}: ${found?.detail}`
}

const rows: [canary: string, found: RegExp][] = [
  ['2026-11-28 01:58:30.000000', /^passed: .*: 1\.5 min would be lost$/],
  // It was written while the verification fetched.
  ['2026-11-28 02:10:00.000000', /^passed: .*: 0\.0 min would be lost$/],
  ['2026-11-28 01:30:00.000000', /^failed: the last one is 30 min old/],
  ['2026-11-28 05:00:00.000000', /^unverified: .*05:00:00.000Z, in the future: a clock is wrong$/],
  ['NULL', /^failed: there is no canary$/],
]
for (const [canary, found] of rows)
  test(`a canary of ${canary}`, async () => assert.match(await lookAt(canary), found))

test.run()
