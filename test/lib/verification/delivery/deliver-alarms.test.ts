import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Secret } from '../../../../lib/secret.ts'
import { deliverAlarms } from '../../../../lib/verification/delivery/deliver-alarms.ts'
import { explainFailedDeliveries } from '../../../../lib/verification/delivery/delivery.ts'
import type { Alarm } from '../../../../lib/verification/report/alarms.ts'
import { createEnvironmentNight, createNight } from '../../../support/sample-night.ts'
import { serveAnswers } from '../../../support/serve-answers.ts'

const test = suite('delivery of alarms')

const alarms: Alarm[] = [
  { environment: 'stage', about: 'FAIL', text: 'stage NOT restorable.' },
  { environment: 'prod', about: 'stale', text: 'prod was NOT VERIFIED tonight.' },
]
const bad = createNight([createEnvironmentNight({ verdict: 'FAIL' })])
const good = createNight()

let folder = ''
test.before(() => {
  folder = mkdtempSync(join(tmpdir(), 'brdtest-alarms-'))
})
test.after(() => rmSync(folder, { recursive: true, force: true }))

const writeSendmail = (script: string): { readonly program: string } => {
  const program = join(folder, 'sendmail')
  writeFileSync(program, `#!/bin/sh\n${script}\n`)
  chmodSync(program, 0o755)
  return { program }
}
const mail = { to: ['ops@example.org'] }
const calls = { pauses: [] }
const webhook = (url: string): Secret => new Secret(url, 'alarm-webhook')
const ping = (url: string): Secret => new Secret(url, 'verification-ping')

test('alarms are posted and mailed; the dead man is not pinged', () =>
  serveAnswers([200], async (url, seen) => {
    const sendmail = writeSendmail(`cat >'${folder}/got'`)
    const all = await deliverAlarms(bad, alarms, {
      webhook: webhook(url),
      mail,
      ping: ping(url),
      sendmail,
      calls,
    })
    assert.equal(all, [
      { to: 'webhook', is: 'delivered', detail: 'answered 200' },
      { to: 'mail', is: 'delivered', detail: 'accepted for ops@example.org' },
      { to: 'ping', is: 'not due', detail: 'not every environment passed' },
    ])
    assert.is(explainFailedDeliveries(all), null)
    assert.equal(
      seen.map(({ body }) => JSON.parse(body)),
      [
        {
          text: 'stage NOT restorable.\nprod was NOT VERIFIED tonight.',
          alarms,
          night: { began: good.began, ended: good.ended, host: 'verifier' },
        },
      ],
    )
    const letter = readFileSync(join(folder, 'got'), 'utf8')
    assert.match(letter, /^Subject: Backups: stage FAIL, prod stale$/m)
    assert.match(
      letter,
      '\n\nstage NOT restorable.\n\nprod was NOT VERIFIED tonight.\n\nVerified on verifier from ',
    )
  }))

test('an alarm about the ledger alone is sent, and nobody is told that all is well', () =>
  serveAnswers([200], async (url, seen) => {
    const sendmail = writeSendmail(`cat >'${folder}/got'`)
    const changed: Alarm = { environment: null, about: 'ledger', text: 'CANNOT BE TRUSTED.' }
    const kept: Alarm = { environment: null, about: 'results', text: 'COULD NOT BE KEPT.' }
    const targets = { webhook: webhook(url), mail, ping: ping(url), sendmail, calls }
    const all = await deliverAlarms(good, [changed, kept], targets)
    assert.equal(
      all.map(({ to, is }) => `${to} ${is}`),
      ['webhook delivered', 'mail delivered', 'ping not due'],
    )
    assert.equal(JSON.parse(seen[0]?.body ?? '').alarms, [changed, kept])
    assert.match(
      readFileSync(join(folder, 'got'), 'utf8'),
      /^Subject: Backups: ledger not trusted, results not kept$/m,
    )
  }))

test('if all passed, only the dead man is pinged', () =>
  serveAnswers([200], async (url, seen) => {
    const sendmail = writeSendmail('exit 1')
    const targets = { webhook: webhook(url), mail, ping: ping(url), sendmail, calls }
    assert.equal(await deliverAlarms(good, [], targets), [
      { to: 'webhook', is: 'not due', detail: 'there is no alarm' },
      { to: 'mail', is: 'not due', detail: 'there is no alarm' },
      { to: 'ping', is: 'delivered', detail: 'answered 200' },
    ])
    assert.equal(
      seen.map(({ method, body }) => [method, body]),
      [['GET', '']],
    )
  }))

const unpinged = {
  'one could not be verified': [
    createNight([
      createEnvironmentNight(),
      createEnvironmentNight({ environment: 'prod', verdict: 'COULD NOT VERIFY' }),
    ]),
    [],
  ],
  'no environment was verified': [createNight([]), []],
  'another is stale': [good, alarms.slice(1)],
} as const
for (const [why, [night, its]] of Object.entries(unpinged))
  test(`the dead man is not pinged: ${why}`, () =>
    serveAnswers([200], async (url, seen) => {
      assert.equal(await deliverAlarms(night, its, { ping: ping(url), calls }), [
        { to: 'ping', is: 'not due', detail: 'not every environment passed' },
      ])
      assert.equal(seen, [])
    }))

test('what cannot be delivered is named, and one does not keep another from its way', () =>
  serveAnswers([404], async (url, seen) => {
    const sendmail = writeSendmail('echo "no route" >&2; exit 75')
    const all = await deliverAlarms(bad, alarms, { webhook: webhook(url), mail, sendmail, calls })
    const { program } = sendmail
    assert.equal(all, [
      { to: 'webhook', is: 'failed', detail: 'alarm-webhook: answered 404' },
      { to: 'mail', is: 'failed', detail: `${program}: exit code 75: no route` },
    ])
    assert.is(
      explainFailedDeliveries(all),
      'not delivered: webhook (alarm-webhook: answered 404), ' +
        `mail (${program}: exit code 75: no route)`,
    )
    assert.is(seen.length, 1)
    const invalid = await deliverAlarms(bad, alarms, {
      webhook: webhook('no url'),
      mail: { to: ['a\nBcc: b'] },
    })
    assert.equal(
      invalid.map(({ to, is }) => `${to} ${is}`),
      ['webhook failed', 'mail failed'],
    )
  }))

test('without a target, nothing is delivered', async () =>
  assert.equal(await deliverAlarms(bad, alarms, {}), []))

test.run()
