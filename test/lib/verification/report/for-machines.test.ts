import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { hideSecret, Secret } from '../../../../lib/secret.ts'
import { renderNightJunit } from '../../../../lib/verification/report/night-junit.ts'
import { renderNightLines } from '../../../../lib/verification/report/night-lines.ts'
import { renderNightMetrics } from '../../../../lib/verification/report/night-metrics.ts'
import { createEnvironmentNight, createNight, nothingShown } from '../../../support/sample-night.ts'

const test = suite('a night for machines')

const unknown = { ...nothingShown, reasons: ['no Docker engine answers here'] } as const
const failing = createEnvironmentNight({
  environment: 'prod',
  verdict: 'FAIL',
  reasons: ['redis: <none> & "nothing"'],
  checks: [
    { name: 'redis', is: 'failed', detail: '<none> & "nothing"', seconds: 0.25 },
    { name: 'assets', is: 'unverified', detail: 'no\x1b answer', seconds: 2 },
  ],
})
const night = createNight([
  createEnvironmentNight(),
  failing,
  createEnvironmentNight({ environment: 'dev', ...unknown, verdict: 'COULD NOT VERIFY' }),
])

test('JUnit has a suite per environment and a case per check', () =>
  assert.is(
    renderNightJunit(night),
    [
      '<?xml version="1.0" encoding="UTF-8"?>',
      '<testsuites name="verification of backups" time="4567.000">',
      '  <testsuite name="stage" tests="3" failures="0" errors="0" skipped="0" time="72.500" timestamp="2026-11-28T02:00:00" hostname="verifier">',
      '    <testcase classname="stage" name="freshness of the database" time="1.500"><system-out>2 h old</system-out></testcase>',
      '    <testcase classname="stage" name="restore of the database" time="62.000"><system-out>stream_1, at 0-1-7</system-out></testcase>',
      '    <testcase classname="stage" name="repository of the files" time="9.000"><system-out>sound; 12 packs read, group 3 of 16</system-out></testcase>',
      '  </testsuite>',
      '  <testsuite name="prod" tests="2" failures="1" errors="1" skipped="0" time="2.250" timestamp="2026-11-28T02:00:00" hostname="verifier">',
      '    <testcase classname="prod" name="redis" time="0.250"><failure message="&#60;none&#62; &#38; &#34;nothing&#34;"/></testcase>',
      '    <testcase classname="prod" name="assets" time="2.000"><error message="no␛ answer"/></testcase>',
      '  </testsuite>',
      '  <testsuite name="dev" tests="1" failures="0" errors="1" skipped="0" time="0.000" timestamp="2026-11-28T02:00:00" hostname="verifier">',
      '    <testcase classname="dev" name="verdict" time="0.000"><error message="no Docker engine answers here"/></testcase>',
      '  </testsuite>',
      '</testsuites>',
      '',
    ].join('\n'),
  ))

const proofs = [
  { environment: 'stage', provenAt: '2026-11-28T03:16:07Z', restorableTo: null },
  { environment: 'dev', provenAt: null, restorableTo: null },
]

test('metrics have units in their names, HELP and TYPE, and no value that is not known', () =>
  assert.is(
    renderNightMetrics(createNight([night.environments[0]!, night.environments[2]!]), proofs),
    [
      '# HELP brd_verification_end_timestamp_seconds When the last verification of backups ended.',
      '# TYPE brd_verification_end_timestamp_seconds gauge',
      'brd_verification_end_timestamp_seconds 1795835767',
      '# HELP brd_verification_duration_seconds How long the last verification of backups took.',
      '# TYPE brd_verification_duration_seconds gauge',
      'brd_verification_duration_seconds 4567',
      '# HELP brd_backup_verdict 1 for the verdict of the last verification, 0 for the two others.',
      '# TYPE brd_backup_verdict gauge',
      'brd_backup_verdict{environment="stage",cluster="infra-stage",verdict="PASS"} 1',
      'brd_backup_verdict{environment="stage",cluster="infra-stage",verdict="FAIL"} 0',
      'brd_backup_verdict{environment="stage",cluster="infra-stage",verdict="COULD NOT VERIFY"} 0',
      'brd_backup_verdict{environment="dev",cluster="infra-stage",verdict="PASS"} 0',
      'brd_backup_verdict{environment="dev",cluster="infra-stage",verdict="FAIL"} 0',
      'brd_backup_verdict{environment="dev",cluster="infra-stage",verdict="COULD NOT VERIFY"} 1',
      '# HELP brd_backup_last_pass_timestamp_seconds When the backups last passed; 0 if they never did.',
      '# TYPE brd_backup_last_pass_timestamp_seconds gauge',
      'brd_backup_last_pass_timestamp_seconds{environment="stage"} 1795835767',
      'brd_backup_last_pass_timestamp_seconds{environment="dev"} 0',
      '# HELP brd_backup_restorable_to_timestamp_seconds The last moment of the database that was restored.',
      '# TYPE brd_backup_restorable_to_timestamp_seconds gauge',
      'brd_backup_restorable_to_timestamp_seconds{environment="stage",cluster="infra-stage"} 1795835527',
      '# HELP brd_backup_rpo_seconds What would have been lost at the time of the verification.',
      '# TYPE brd_backup_rpo_seconds gauge',
      'brd_backup_rpo_seconds{environment="stage",cluster="infra-stage"} 240',
      '# HELP brd_backup_rto_seconds How long the restore of the database took.',
      '# TYPE brd_backup_rto_seconds gauge',
      'brd_backup_rto_seconds{environment="stage",cluster="infra-stage"} 62.5',
      '# HELP brd_backup_stage_seconds How long each stage of the verification took.',
      '# TYPE brd_backup_stage_seconds gauge',
      'brd_backup_stage_seconds{environment="stage",cluster="infra-stage",stage="fetch"} 40',
      'brd_backup_stage_seconds{environment="stage",cluster="infra-stage",stage="replay"} 22.5',
      '# HELP brd_backup_size_bytes How large each backup is.',
      '# TYPE brd_backup_size_bytes gauge',
      'brd_backup_size_bytes{environment="stage",cluster="infra-stage",backup="database"} 1500000000',
      'brd_backup_size_bytes{environment="stage",cluster="infra-stage",backup="files"} 2048',
      '# HELP brd_backup_files_compared_ratio Share of the bytes of the files whose contents were compared, from 0 to 1.',
      '# TYPE brd_backup_files_compared_ratio gauge',
      'brd_backup_files_compared_ratio{environment="stage",cluster="infra-stage"} 0.06',
      '# HELP brd_backup_not_covered 1 for each part that is not backed up, or not verified.',
      '# TYPE brd_backup_not_covered gauge',
      'brd_backup_not_covered{environment="stage",cluster="infra-stage",part="assets"} 1',
      '',
    ].join('\n'),
  ))

test('a series comes once, and a label cannot end itself: Prometheus would refuse the file', () => {
  const text = renderNightMetrics(
    createNight([
      createEnvironmentNight({
        environment: 'a"b\\c\nd',
        stages: [
          { name: 'replay', seconds: 1 },
          { name: 'replay', seconds: 2.5 },
          { name: 'bad', seconds: Number.NaN },
        ],
        notCovered: ['assets', 'assets'],
      }),
    ]),
    [],
  )
  const label = 'environment="a\\"b\\\\c\\nd",cluster="infra-stage"'
  const lines = text.split('\n')
  assert.equal(
    lines.filter(line => /^brd_backup_(?:stage|not_covered)/.test(line)),
    [
      `brd_backup_stage_seconds{${label},stage="replay"} 3.5`,
      `brd_backup_not_covered{${label},part="assets"} 1`,
    ],
  )
  const series = lines.filter(line => !line.startsWith('#')).map(line => line.split(/ (?=\S+$)/)[0])
  assert.is(new Set(series).size, series.length)
})

test('a line for Loki is an environment as JSON, with its level and without its checks', () => {
  const lines = renderNightLines(night)
  assert.ok(lines.endsWith('\n'))
  const [stage, prod, dev, ...more] = lines
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line))
  assert.equal(more, [])
  const { checks: _, ...one } = createEnvironmentNight()
  assert.equal(stage, {
    message: 'verification of backups',
    level: 'info',
    began: night.began,
    ended: night.ended,
    host: 'verifier',
    runnerVersion: '0.1.0',
    ...one,
  })
  assert.equal([prod.environment, prod.level], ['prod', 'error'])
  assert.equal([dev.environment, dev.level], ['dev', 'warn'])
})

test('no secret is in any of them', () => {
  hideSecret(new Secret('hunter2-hunter2', 'prod/restic'))
  const leaking = createNight([
    createEnvironmentNight({
      ...unknown,
      verdict: 'FAIL',
      environment: 'hunter2-hunter2',
      reasons: ['hunter2-hunter2'],
      checks: [{ name: 'x', is: 'failed', detail: 'hunter2-hunter2', seconds: 0 }],
    }),
  ])
  for (const text of [
    renderNightJunit(leaking),
    renderNightMetrics(leaking, []),
    renderNightLines(leaking),
  ]) {
    assert.not.match(text, 'hunter2')
    assert.match(text, '(secret prod/restic)')
  }
})

test.run()
