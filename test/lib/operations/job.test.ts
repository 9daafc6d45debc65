import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { hashJson } from '../../../lib/compose/names.ts'
import { type Job, job } from '../../../lib/operations/job.ts'
import { Secret } from '../../../lib/secret.ts'
import { makeOutput, nothingPending, plans } from '../../support/operations.ts'

const want: Job = {
  name: 'stage-release',
  stack: 'stage',
  service: {
    image: 'brd/app:2',
    command: ['php', '/app/migrate.php'],
    environment: { DB_PASSWORD_FILE: '/run/secrets/db' },
    networks: ['env-stage'],
    secrets: [{ source: 'db' }],
    volumes: [{ type: 'volume', source: 'files', target: '/app/shared' }],
    deploy: {
      endpoint_mode: 'dnsrr',
      placement: { constraints: ['node.labels.brd.env.stage==1'] },
      resources: { limits: { memory: '256M' } },
    },
  },
  secrets: { db: new Secret('the value of db', 'stage/db') },
  hmac: () => 'abcdef012345',
}
const { image, command, deploy } = want.service
const hash = hashJson([image, command, deploy.placement])
const line = `${hash} brd/app:2: php /app/migrate.php`

plans(job, {
  'was never run': ['never\n', want, ['run: never -> brd/app:2: php /app/migrate.php']],
  'was run with this image and these words': [`${line}\n`, want, []],
  'was run with another image': [
    '0123456789ab brd/app:1: php /app/migrate.php\n',
    want,
    ['run: brd/app:1: php /app/migrate.php -> brd/app:2: php /app/migrate.php'],
  ],
  'a failed probe is not "never"': [{ exitCode: 1, stderr: 'I/O error' }, want, /I\/O error/],
})

test('it runs with the secrets and volumes of its stack, where it is bound to', () => {
  const plan = job(want).decide(makeOutput('never\n'), nothingPending)
  assert.ok(plan && 'apply' in plan)
  const { text } = plan.apply
  assert.match(text, /--mode replicated-job \\\n +--restart-condition none/)
  assert.match(text, /--constraint node\.labels\.brd\.env\.stage==1 --limit-memory 256M/)
  assert.match(
    text,
    new RegExp(
      '--mount type=volume,source=stage_files,target=/app/shared ' +
        '--secret source=stage_db_abcdef012345,target=db ' +
        String.raw`brd/app:2 php /app/migrate\.php`,
    ),
  )
  assert.not.match(text, /the value of/)
  assert.not.match(JSON.stringify(plan), /the value of/)
})

test.run()
