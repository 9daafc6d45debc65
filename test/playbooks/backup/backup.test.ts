/** backup.ts as a process, on this machine, without an environment. */
import { spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { root, zxArguments } from '../../support/run-playbook.ts'

const test = suite('backup.ts')

let folder = ''
test.before(() => {
  folder = mkdtempSync(join(tmpdir(), 'brdtest-backup-'))
  writeFileSync(
    join(folder, 'hosts.yaml'),
    `clusters:
  c: {domain: c.example, servers: {one: {address: local}}}
environments:
  stage:
    server: one
    hosts: [stage.example]
    timezone: Europe/Moscow
    bucket: {name: assets}
    backups: {bucket: {name: stage-backups}}
    app: {images: {app: 'localhost/shop:v1'}}
  bare:
    server: one
    hosts: [bare.example]
    timezone: Europe/Moscow
    bucket: {name: other-assets}
    app: {images: {app: 'localhost/shop:v1'}}
`,
  )
  writeFileSync(
    join(folder, 'docker'),
    `#!/bin/sh
case "$*" in
info*) echo 'active true' ;;
'ps '*walg*) echo of-walg ;;
*backup-list*) echo '[]' ;;
*binlog-list*) echo 'ERROR: SignatureDoesNotMatch' >&2; exit 1 ;;
esac
`,
  )
  chmodSync(join(folder, 'docker'), 0o755)
})
test.after(() => rmSync(folder, { recursive: true }))

const run = (...words: readonly string[]) => {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [...zxArguments('playbooks/backup.ts'), '-i', join(folder, 'hosts.yaml'), ...words],
    {
      cwd: root,
      encoding: 'utf8',
      env: {
        ...process.env,
        PATH: `${folder}:${process.env['PATH']}`,
        XDG_STATE_HOME: folder,
        BRD_RUNS: join(folder, 'runs'),
      },
    },
  )
  return { status, stdout, stderr }
}

const refused: Record<string, [readonly string[], RegExp]> = {
  'no word': [['--env', 'stage'], /backup\.ts: a command is required\n {2}now \| list \| status/],
  'another word': [['--env', 'stage', 'lst'], /^lst: no such word; did you mean "list"\?/],
  'a word too many': [['--env', 'stage', 'now', 'files'], /^files: now takes no word/],
  'no environment': [['now'], /--env/],
  'an unknown environment': [['--env', 'stagw', 'now'], /--env stagw: no such environment/],
  'one without backups': [
    ['--env', 'bare', 'now'],
    /hosts\.yaml:\d+:\d+: environments\.bare: backups/,
  ],
}
for (const [title, [words, said]] of Object.entries(refused))
  test(`bad input is exit code 1: ${title}`, () => {
    const { status, stderr, stdout } = run(...words)
    assert.match(stderr, said)
    assert.equal([status, stdout], [1, ''])
  })

test('what could be listed is, and what could not is exit code 4', () => {
  const { status, stdout, stderr } = run('--env', 'stage', 'list')
  assert.is(status, 4, stderr)
  assert.match(
    stdout,
    /^Full backups of stage's database:\n {2}none\nSnapshots .*:\n {2}not known\n$/,
  )
  assert.match(stderr, /^binary logs: ERROR: SignatureDoesNotMatch\nsnapshots: no task of stage_re/)
})

test('--json prints one line of JSON, and nothing else', () => {
  const { status, stdout } = run('--env', 'stage', 'status', '--json')
  assert.is(status, 4)
  const { environment, jobs, proof } = JSON.parse(stdout)
  assert.equal(
    [environment, jobs.length, jobs[0].is, proof],
    ['stage', 6, 'unread', { is: 'none' }],
  )
  assert.is(stdout.trim().split('\n').length, 1)
})

test('now is one job of the server', () => {
  const { status, stdout } = run('--env', 'stage', 'now', '--list-tasks')
  assert.is(status, 0)
  assert.match(stdout, 'job.transient backup-stage')
})

test.run()
