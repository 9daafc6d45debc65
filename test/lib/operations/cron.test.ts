import { existsSync, writeFileSync } from 'node:fs'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { cron } from '../../../lib/operations/cron.ts'
import { plans, settles } from '../../support/operations.ts'
import { settlesWholeFile } from '../../support/settles-matrix.ts'

const backup = {
  name: 'backup',
  schedule: '15 3 * * mon-fri',
  command: 'backup --at "$(date +%F)"',
} as const
const content = '15 3 * * mon-fri root backup --at "$(date +\\%F)"\n'

plans(cron, {
  'makes what is absent': [
    'absent\n',
    { ...backup, user: 'deploy', environment: { MAILTO: 'a@b.example', MOTD: 'say "hi"' } },
    [
      `content: absent -> MAILTO="a@b.example"\nMOTD='say "hi"'\n${content.replace('root', 'deploy')}`,
      'mode: absent -> 644',
      'owner: absent -> root',
      'group: absent -> root',
    ],
  ],
  'removes what is there': [
    'regular file|644|0|0|root|root|3\n',
    { name: 'backup', state: 'absent' },
    ['type: file -> absent'],
  ],
  'a failed probe is unknown': [{ exitCode: 74, stderr: 'I/O error' }, backup, /I\/O error/],
})

const at = (schedule: string) => () => cron({ ...backup, schedule })
test('what cron would pass over in silence is an error at once', () => {
  assert.throws(at('60 * * * *'), /"60" is not the minute of a schedule\n.*0-59/)
  assert.throws(at('* 24 * * *'), /not the hour/)
  assert.throws(at('* * 0 * *'), /not the day of the month/)
  assert.throws(at('* * * febr *'), /not the month/)
  assert.throws(at('* * * * mon-8'), /not the day of the week/)
  assert.throws(at('5/10 * * * *'), /not the minute/)
  assert.throws(at('*/0 * * * *'), /not the minute/)
  assert.throws(at('20-10 * * * *'), /not the minute/)
  assert.throws(at('* * * *'), /five fields/)
  assert.throws(at('@dayly'), /five fields/)
  assert.throws(() => cron({ ...backup, name: 'a.b' }), /cron ignores a file/)
  assert.throws(() => cron({ ...backup, command: 'a\nb' }), /one line/)
  assert.throws(() => cron({ ...backup, user: 'a b' }), /not a user's/)
  assert.throws(() => cron({ ...backup, environment: { A: `'"` } }), /both kinds of quotes/)
})
test('what cron would cut, or take for another command, is an error at once', () => {
  assert.throws(
    () => cron({ ...backup, command: 'date +\\%F' }),
    /cannot have a backslash before a percent sign/,
  )
  const long = (length: number) => () => cron({ ...backup, command: `: ${'x'.repeat(length - 2)}` })
  assert.ok(long(998)())
  assert.throws(long(999), /cron cuts what is longer than 998 bytes\n?.*script/s)
  assert.throws(
    () => cron({ ...backup, environment: { A: 'x'.repeat(1000) } }),
    /A="x+…: cron cuts what is longer/,
  )
})
test('what cron reads is taken', () => {
  for (const schedule of ['@reboot', '*/5 0-6,22-23/2 1,15 JAN sun', '0  4\t* * 7', '* * * * *'])
    assert.ok(at(schedule)())
})

settlesWholeFile('an entry', folder => cron({ ...backup, folder }), {
  at: folder => `${folder}/backup`,
  content,
})
settles('an entry less', folder => cron({ name: 'backup', state: 'absent', folder }), {
  before: folder => writeFileSync(`${folder}/backup`, content),
  after: folder => assert.not(existsSync(`${folder}/backup`)),
})
settles('no entry', folder => cron({ name: 'backup', state: 'absent', folder }))

test.run()
