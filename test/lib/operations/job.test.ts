import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { hashJson } from '../../../lib/compose/names.ts'
import { type Job, job } from '../../../lib/operations/job.ts'
import { Secret } from '../../../lib/secret.ts'
import { makeOutput, nothingPending, plans, refuses, settles } from '../../support/operations.ts'
import { sandboxOperation } from '../../support/sandbox.ts'

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

/**
 * A Docker with one service at most: `label` is what it was made for, and it ends with the words of
 * `end` when it was asked for its state so often.
 */
const docker = `echo "$*" >>"$FOLDER/log"
case "$1 $2" in
  'service ls') [ ! -e "$FOLDER/label" ] || echo stage-release ;;
  'service inspect') cat "$FOLDER/label" ;;
  'service ps')
    echo >>"$FOLDER/turns"
    read -r turns words <"$FOLDER/end"
    [ "$(wc -l <"$FOLDER/turns")" -gt "$turns" ] && echo "$words|" ||
      echo 'Running 1 second ago|' ;;
  'service create')
    for word; do case $word in brd.job=*) echo "\${word#*=}" >"$FOLDER/label" ;; esac; done ;;
  'service rm') rm -f "$FOLDER/label" "$FOLDER/turns" ;;
esac`
const runs = (folder: string) => {
  const log = existsSync(`${folder}/log`) ? readFileSync(`${folder}/log`, 'utf8') : ''
  return ['create', 'rm'].map(verb => log.split(`service ${verb} `).length - 1)
}
const mark = (folder: string) => join(folder, 'var/lib/brd/jobs/stage-release')
const end = (turns: number, words: string, label?: string) => (folder: string) => {
  writeFileSync(`${folder}/end`, `${turns} ${words}\n`)
  if (label !== undefined) writeFileSync(`${folder}/label`, `${label}\n`)
}
const tools = { docker }
const here = (folder: string, rest: Partial<Job> = {}) =>
  sandboxOperation(job({ ...want, ...rest }), folder)

settles('a command runs once', folder => here(folder), {
  tools,
  before: end(1, 'Complete 1 second ago'),
  after: folder => {
    assert.equal(runs(folder), [1, 1])
    assert.match(readFileSync(mark(folder), 'utf8'), line)
  },
})
settles('one that is under way is awaited, and not begun again', folder => here(folder), {
  tools,
  before: end(2, 'Complete 1 second ago', hash),
  after: folder => assert.equal(runs(folder), [0, 1]),
})
settles('one that ended while nobody looked is not begun again', folder => here(folder), {
  tools,
  before: end(0, 'Complete 1 hour ago', hash),
  after: folder => assert.equal(runs(folder), [0, 1]),
})
settles('what an earlier one left is removed', folder => here(folder), {
  tools,
  before: end(0, 'Complete 1 hour ago', 'another'),
  after: folder => assert.equal(runs(folder), [1, 2]),
})
refuses('another that is under way', folder => here(folder), /is under way \(Running/, {
  tools,
  before: end(99, 'Complete', 'another'),
  after: folder => assert.equal([runs(folder), existsSync(mark(folder))], [[0, 0], false]),
})
refuses(
  'one that takes longer goes on',
  folder => here(folder, { timeoutSeconds: 1 }),
  /still runs after 1 s.*the next run waits for it/,
  {
    tools,
    before: end(99, 'Complete'),
    after: folder => assert.equal([runs(folder), existsSync(mark(folder))], [[1, 0], false]),
  },
)
refuses('one that fails', folder => here(folder), /the command failed: Failed/, {
  tools,
  before: end(1, 'Failed 1 second ago'),
  after: folder => assert.equal([runs(folder), existsSync(mark(folder))], [[1, 1], false]),
})
refuses('a record that cannot be read is not "never"', folder => here(folder), /cannot be read/, {
  tools,
  before: folder => {
    end(0, 'Complete')(folder)
    mkdirSync(mark(folder), { recursive: true })
  },
  after: folder => assert.equal(runs(folder), [0, 0]),
})

test.run()
