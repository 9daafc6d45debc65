import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createPaint } from '../../../../lib/report/style.ts'
import { formatNight } from '../../../../lib/verification/report/format-night.ts'
import { summarizeProof } from '../../../../lib/verification/report/summarize-proof.ts'
import { createEnvironmentNight, createNight, nothingShown } from '../../../support/sample-night.ts'

const test = suite('a night on the terminal')

const reason =
  'binary logs without a gap: binlog.000412 is missing: restorable to the full backup only, ' +
  'stream_20261125T031207Z'
const night = createNight([
  createEnvironmentNight({ environment: 'production' }),
  createEnvironmentNight({
    verdict: 'FAIL',
    reasons: [reason, 'redis: there is no backup of Redis'],
    restorableTo: '2026-11-25T03:12:07.000Z',
    rpoSeconds: 72 * 3600,
  }),
  createEnvironmentNight({
    environment: 'dev',
    ...nothingShown,
    verdict: 'COULD NOT VERIFY',
    reasons: ['no Docker engine answers here'],
  }),
])
const plain = createPaint(false)

test('at 80 columns', () =>
  assert.is(
    formatNight(night, 80, plain).join('\n'),
    `production  PASS  infra-stage
    Restorable to 03:12:07, RPO 4 min, RTO 1 min. 6 % of files tonight, all
    stored data in 16 nights. Not covered: assets.
    Took 1 min; longest: fetch 40 s, replay 23 s.
stage       FAIL  infra-stage
    binary logs without a gap: binlog.000412 is missing: restorable to the full
    backup only, stream_20261125T031207Z
    redis: there is no backup of Redis
    Restorable to 25 Nov 03:12:07, RPO 3 days, RTO 1 min. 6 % of files tonight,
    all stored data in 16 nights. Not covered: assets.
    Took 1 min; longest: fetch 40 s, replay 23 s.
dev         COULD NOT VERIFY  infra-stage
    no Docker engine answers here
    No moment of the database was restored. No file was compared.
3 environments: 1 PASS, 1 FAIL, 1 COULD NOT VERIFY. 2026-11-28 02:00 to 03:16
UTC on verifier.`,
  ))

test('at 200 columns', () =>
  assert.is(
    formatNight(night, 200, plain).join('\n'),
    [
      'production  PASS  infra-stage',
      '    Restorable to 03:12:07, RPO 4 min, RTO 1 min. 6 % of files tonight, all stored data in 16 nights. Not covered: assets.',
      '    Took 1 min; longest: fetch 40 s, replay 23 s.',
      'stage       FAIL  infra-stage',
      `    ${reason}`,
      '    redis: there is no backup of Redis',
      '    Restorable to 25 Nov 03:12:07, RPO 3 days, RTO 1 min. 6 % of files tonight, all stored data in 16 nights. Not covered: assets.',
      '    Took 1 min; longest: fetch 40 s, replay 23 s.',
      'dev         COULD NOT VERIFY  infra-stage',
      '    no Docker engine answers here',
      '    No moment of the database was restored. No file was compared.',
      '3 environments: 1 PASS, 1 FAIL, 1 COULD NOT VERIFY. 2026-11-28 02:00 to 03:16 UTC on verifier.',
    ].join('\n'),
  ))

test('without a width every reason is one line, whatever it contains', () => {
  const lines = formatNight(
    createNight([
      createEnvironmentNight({ verdict: 'FAIL', reasons: [`${reason}\n  twice`, 'b'] }),
    ]),
    Infinity,
    plain,
  )
  assert.equal(lines.slice(1, 3), [`    ${reason} twice`, '    b'])
  assert.is(lines.length, 6)
})

test('colour changes no text and no line', () => {
  const colored = formatNight(night, 80, createPaint(true))
  assert.equal(
    colored.map(line => line.replace(/\x1b\[\d+m/g, '')),
    formatNight(night, 80, plain),
  )
  assert.match(colored[0] ?? '', '\x1b[32mPASS\x1b[39m')
})

test('a night without an environment says so', () =>
  assert.equal(formatNight(createNight([], { ended: '2026-11-29T00:01:00.000Z' }), 80, plain), [
    '0 environments: nothing. 2026-11-28 02:00 to 2026-11-29 00:01 UTC on verifier.',
  ]))

const summaries: [Parameters<typeof createEnvironmentNight>[0], string][] = [
  [
    {},
    'Restorable to 03:12:07, RPO 4 min, RTO 1 min. 6 % of files tonight, all stored data in 16 nights. Not covered: assets.',
  ],
  [
    { checks: [], notCovered: ['redis', 'assets'] },
    'Restorable to 03:12:07, RPO 4 min, RTO 1 min. 6 % of files tonight. Not covered: redis, assets.',
  ],
  [
    {
      stages: [
        { name: 'fetch', seconds: 300 },
        { name: 'fetch binary logs', seconds: 60 },
        { name: 'compare', seconds: 9000 },
        { name: 'redis', seconds: 9000 },
      ],
      readableBy: 'Readable by anna, paper (used 2 Oct 2026)',
    },
    'Restorable to 03:12:07, RPO 4 min, RTO 6 min. 6 % of files tonight, all stored data in 16 nights. Not covered: assets. Readable by anna, paper (used 2 Oct 2026).',
  ],
  [
    { stages: [{ name: 'compare', seconds: 9 }], checks: [] },
    'Restorable to 03:12:07, RPO 4 min. 6 % of files tonight. Not covered: assets.',
  ],
  [
    { ...nothingShown, filesSampled: { files: 1, bytes: 1, share: 0.009 } },
    'No moment of the database was restored. <1 % of files tonight.',
  ],
  [
    { ...nothingShown, filesSampled: { files: 1, bytes: 1, share: 0.999 } },
    'No moment of the database was restored. 99 % of files tonight.',
  ],
  [
    { ...nothingShown, filesSampled: { files: 1, bytes: 1, share: 1 } },
    'No moment of the database was restored. 100 % of files tonight.',
  ],
]
for (const [changed, text] of summaries)
  test(text, () =>
    assert.is(summarizeProof(createEnvironmentNight(changed), '2026-11-28T03:16:07.000Z'), text),
  )

test.run()
