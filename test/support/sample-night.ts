import type { EnvironmentNight, Night } from '../../lib/verification/night.ts'

/** What a night has shown of an environment whose backups are sound. */
export const createEnvironmentNight = (
  changed: Partial<EnvironmentNight> = {},
): EnvironmentNight => ({
  environment: 'stage',
  cluster: 'infra-stage',
  verdict: 'PASS',
  reasons: [],
  checks: [
    { name: 'freshness of the database', is: 'passed', detail: '2 h old', seconds: 1.5 },
    { name: 'restore of the database', is: 'passed', detail: 'stream_1, at 0-1-7', seconds: 62 },
    {
      name: 'repository of the files',
      is: 'passed',
      detail: 'sound; 12 packs read, group 3 of 16',
      seconds: 9,
    },
  ],
  backup: 'stream_1',
  restorableTo: '2026-11-28T03:12:07.000Z',
  rpoSeconds: 240,
  stages: [
    { name: 'fetch', seconds: 40 },
    { name: 'replay', seconds: 22.5 },
  ],
  sizes: [
    { name: 'database', bytes: 1_500_000_000 },
    { name: 'files', bytes: 2048 },
  ],
  filesSampled: { files: 120, bytes: 268_435_456, share: 0.06 },
  packGroup: 3,
  notCovered: ['assets'],
  readableBy: null,
  ...changed,
})

/** A night that verified these environments. */
export const createNight = (
  environments: readonly EnvironmentNight[] = [createEnvironmentNight()],
  changed: Partial<Night> = {},
): Night => ({
  began: '2026-11-28T02:00:00.000Z',
  ended: '2026-11-28T03:16:07.000Z',
  host: 'verifier',
  runnerVersion: '0.1.0',
  environments,
  ...changed,
})

/** The parts of an environment's night of which nothing could be looked at. */
export const nothingShown = {
  checks: [],
  backup: null,
  restorableTo: null,
  rpoSeconds: null,
  stages: [],
  sizes: [],
  filesSampled: null,
  packGroup: null,
  notCovered: [],
} as const
