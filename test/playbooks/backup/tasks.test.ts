/** What is asked of the tasks, and what their answers mean: in real shells, with another docker. */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { JobStatus } from '../../../lib/backups/job-status.ts'
import { Unreadable } from '../../../lib/backups/unreadable.ts'
import { listBackups, readManifests } from '../../../playbooks/backup/list.ts'
import { takeBackups } from '../../../playbooks/backup/now.ts'
import { type ReadInTask, readInTask, readPrinted } from '../../../playbooks/backup/read.ts'
import {
  BACKUP_JOBS,
  printJobs,
  readJobs,
  readTaskJobs,
  showJob,
  type TaskJobs,
} from '../../../playbooks/backup/status.ts'
import { inventory, sample } from '../../lib/inventory/sample.ts'
import { findShell, SHELLS } from '../../support/shells.ts'

const test = suite('the tasks of backups')

const entry = inventory(sample).environments.get('stage')!
const name = (stack: string, service: string) => ({
  stack,
  name: service,
  full: `${stack}_${service}`,
})
const services = {
  walg: name('stage-data', 'walg'),
  'walg-prune': name('stage-data', 'walg-prune'),
  restic: name('stage', 'restic'),
  'restic-prune': name('stage', 'restic-prune'),
}

/** Runs a text in a folder of its own, with these programs first on the path. */
const runText = (
  shell: string,
  text: string,
  tools: Readonly<Record<string, string>>,
  words: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
) => {
  const folder = mkdtempSync(join(tmpdir(), 'brdtest-backup-'))
  try {
    writeFileSync(join(folder, 'log'), '')
    for (const [tool, script] of Object.entries(tools)) {
      writeFileSync(join(folder, tool), `#!/bin/sh\n${script}\n`)
      chmodSync(join(folder, tool), 0o755)
    }
    const { status, stdout, stderr } = spawnSync(shell, ['-c', text, 'sh', ...words], {
      encoding: 'utf8',
      // With a socket as its stdin, bash takes itself for a remote shell, and reads ~/.bashrc.
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH: `${folder}:${process.env['PATH']}`, FOLDER: folder, ...env },
    })
    return { status, stdout, stderr, log: readFileSync(join(folder, 'log'), 'utf8') }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** A docker with a container of each service but those left out. */
const docker = (jobs: string, without = 'none'): string => `case "$*" in
info*) echo 'active true' ;;
'service ps'*) ;;
ps*_${without}) ;;
ps*service.name=*) echo "of-\${*##*_}" ;;
exec*) echo "$*" >>"$FOLDER/log"; case "$*" in ${jobs} esac ;;
esac`

type Taken = [jobs: string, code: number, said: RegExp | null, without?: string]
const taken: Record<string, Taken> = {
  'both succeed': ['', 0, null],
  'the database fails': ['*full) exit 1 ;;', 1, /^the database: not backed up \(exit 1\)\n$/],
  'the files fail': ['*brd-files*) exit 3 ;;', 3, /^the files and Redis: not backed up \(exit 3\)/],
  'one of the database runs': [
    '*full) exit 75 ;;',
    75,
    /^the database: another backup .*status\n$/,
  ],
  'one runs, the other fails': [
    '*full) exit 75 ;; *brd-files*) exit 1 ;;',
    1,
    /^the database: another .*\nthe files and Redis: not backed up/,
  ],
  'one fails, the other runs': [
    '*full) exit 1 ;; *brd-files*) exit 75 ;;',
    1,
    /^the database: not .*\nthe files and Redis: another/,
  ],
  'no task of the database runs': ['', 1, /^no task of stage-data_walg runs here/, 'walg'],
}
for (const shell of SHELLS)
  for (const [title, [jobs, code, said, without]] of Object.entries(taken))
    test(`now, if ${title}: ${shell}`, () => {
      const text = `progress() { echo "$1"; }\n${takeBackups(entry, services).text}`
      const { status, stdout, stderr, log } = runText(findShell(shell), text, {
        docker: docker(jobs, without),
      })
      assert.is(status, code, stderr)
      if (said === null) assert.is(stderr, '')
      else assert.match(stderr, said, stderr)
      assert.equal(log.trim().split('\n'), [
        ...(without === undefined ? ['exec of-walg brd-backup full'] : []),
        'exec --env BRD_WAIT=0 of-restic brd-files backup',
      ])
      assert.equal(
        stdout
          .trim()
          .split('\n')
          .map(line => JSON.parse(line).part),
        [1, 2],
      )
    })

test('a server without Docker is said, and nothing is taken', () => {
  const { status, stderr } = runText(findShell('dash'), takeBackups(entry, services).text, {
    docker: 'exit 1',
  })
  assert.is(status, 1)
  assert.match(stderr, /: Docker does not answer there/)
})

test('a command is run in the task, within its time', () => {
  const { status, stdout } = runText(
    findShell('dash'),
    readInTask(entry, services.restic, ['restic', 'snapshots']).text,
    { docker: docker('*) echo "$*" ;;') },
  )
  assert.equal([status, stdout], [0, 'exec of-restic timeout 100 restic snapshots\n'])
})

test('an answer is a value, or a fault in one line', () => {
  const read = (code: number, stdout: string, stderr = '') =>
    readPrinted({ name: 'old-one' }, { code, stdout, stderr }, text => {
      if (text === 'bad') throw new Unreadable('it is bad')
      return text
    })
  assert.equal(
    [
      read(0, 'good'),
      read(0, 'bad'),
      read(1, '', 'one\ntwo\n three\nfour\n'),
      read(1, 'x'),
      read(124, ''),
      read(255, '', 'ssh: timed out'),
    ],
    [
      { value: 'good' },
      { fault: 'it is bad' },
      { fault: 'two; three; four' },
      { fault: 'old-one: exit 1' },
      { fault: 'old-one: no answer within 100 s' },
      { fault: 'old-one: cannot be reached: ssh: timed out' },
    ],
  )
})

const backup = (day: number) => ({
  backup_name: `stream_202611${day}T010000Z`,
  start_local_time: `2026-11-${day}T01:00:00Z`,
  stop_local_time: `2026-11-${day}T01:01:00Z`,
  compressed_size: 1,
  uncompressed_size: 2,
  binlog_end: `mariadb-bin.0000${day}`,
  is_permanent: false,
})
/** A reader whose tasks answer what a part of the command stands for. */
const answer =
  (answers: Readonly<Record<string, string>>, asked: string[] = []): ReadInTask =>
  async (service, command, read) => {
    const line = command.join(' ')
    asked.push(`${service.name}: ${line}`)
    const found = Object.entries(answers).find(([part]) => line.includes(part))?.[1]
    return found === undefined ? { fault: 'no answer' } : { value: read(found) }
  }

test('list puts together what the tasks say', async () => {
  const asked: string[] = []
  const list = await listBackups(
    'stage',
    answer(
      {
        'backup-list': JSON.stringify([backup(28), backup(27)]),
        'binlog-list': JSON.stringify(
          [28, 29, 30].map(n => ({
            name: `mariadb-bin.0000${n}`,
            last_modified: '2026-11-28T08:00:00Z',
          })),
        ),
        snapshots: '[]',
        curl: '200 http://s/b/m/stream_20261127T010000Z.json.sig\n404 http://s/b/m/stream_20261128T010000Z.json.sig\n',
      },
      asked,
    ),
    services,
  )
  assert.equal(
    list.fullBackups?.map(({ name, hasManifest, binlogs }) => [name, hasManifest, binlogs?.last]),
    [
      ['stream_20261127T010000Z', true, 'mariadb-bin.000030'],
      ['stream_20261128T010000Z', false, 'mariadb-bin.000030'],
    ],
  )
  assert.equal([list.snapshots, list.faults], [[], []])
  assert.match(asked.join('\n'), 'restic: restic snapshots --json --no-lock')
})

test('what could not be listed is not empty', async () => {
  const { fullBackups, snapshots, faults } = await listBackups('stage', answer({}), services)
  assert.equal([fullBackups, snapshots], [null, null])
  assert.equal(faults, [
    'full backups: no answer',
    'binary logs: no answer',
    'snapshots: no answer',
  ])
  const other = await listBackups(
    'stage',
    answer({ 'backup-list': JSON.stringify([backup(28)]), snapshots: '[]' }),
    services,
  )
  assert.equal(
    other.fullBackups?.map(({ hasManifest, binlogs }) => [hasManifest, binlogs]),
    [[null, null]],
  )
  assert.equal(other.faults, ['binary logs: no answer', 'manifests: no answer'])
})

test('manifests are asked for by their signatures, and no key is an argument', async () => {
  const asked: string[] = []
  await listBackups(
    'stage',
    answer({ 'backup-list': JSON.stringify([backup(28)]) }, asked),
    services,
  )
  const [, script = ''] = /bash -c ([\s\S]*) bash stream_\w+$/.exec(asked.at(-1) ?? '') ?? []
  const { stdout } = runText(
    'bash',
    script,
    { curl: 'for word; do printf "%s\\n" "$word"; done' },
    ['stream_1', 'stream_2'],
    { BRD_MANIFESTS: 'https://s/b/m' },
  )
  const words = stdout.split('\n')
  assert.equal(words.slice(0, 2), ['--config', '/run/secrets/manifest-s3'])
  assert.ok(words.includes('aws:amz:us-east-1:s3'))
  assert.equal(words.slice(-7, -1), [
    ...['--output', '/dev/null', 'https://s/b/m/stream_1.json.sig'],
    ...['--output', '/dev/null', 'https://s/b/m/stream_2.json.sig'],
  ])
})

for (const line of ['403 http://s/b/m/stream_1.json.sig', '000 http://s/b/m/stream_1.json.sig', ''])
  test(`a bucket that answers ${JSON.stringify(line)} says neither yes nor no`, () =>
    assert.throws(
      () => readManifests(`${line}\n`),
      (error: unknown) => error instanceof Unreadable,
    ))

test('a task says the time, when it began, and which of its jobs run', async () => {
  const look = () => {
    const words = ['brd-backup/brdtest-a', 'brd-backup/brdtest-b']
    const { status, stdout, stderr } = spawnSync('bash', ['-c', printJobs, 'bash', ...words], {
      encoding: 'utf8',
    })
    assert.is(status, 0, stderr)
    return readTaskJobs(stdout)
  }
  const before = look()
  assert.equal([...before.running], [])
  assert.ok(before.taskBegan < before.now)
  const job = spawn('sh', ['-c', 'echo; read -r line', 'brd-backup', 'brdtest-b'], {
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  await once(job.stdout, 'data')
  try {
    assert.equal([...look().running], ['brdtest-b'])
  } finally {
    job.stdin.end()
    await once(job, 'close')
  }
})

const status = (job: string, more: Partial<JobStatus> = {}): JobStatus => ({
  job,
  result: 'done',
  began: '2026-11-28T01:00:02Z',
  ended: '2026-11-28T01:01:00Z',
  text: 'well',
  ...more,
})
const task = (more: Partial<TaskJobs> = {}): { value: TaskJobs } => ({
  value: {
    now: new Date('2026-11-28T08:20:30Z'),
    taskBegan: new Date('2026-11-01T00:00:00Z'),
    running: new Set(),
    last: new Map(),
    canary: null,
    ...more,
  },
})

test('an answer of a task is read', () => {
  const text = [
    'now 2026-11-28T08:20:30Z',
    'task 2026-11-01T00:00:00Z',
    'runs full',
    `status ${JSON.stringify(status('binlogs'))}`,
    'canary 2026-11-28T08:20:00Z',
    '',
  ].join('\n')
  assert.equal(readTaskJobs(text), {
    ...task().value,
    running: new Set(['full']),
    last: new Map([['binlogs', status('binlogs')]]),
    canary: '2026-11-28T08:20:00Z',
  })
  for (const part of ['', 'now 2026-11-28T08:20:30Z\n', 'now\ntask\n', `${text}status {"job`])
    assert.throws(
      () => readTaskJobs(part),
      (error: unknown) => error instanceof Unreadable,
    )
})

const find = (name: string) => BACKUP_JOBS.find(one => one.name === name)!
const canary = (more: Partial<TaskJobs>) => {
  const { is, ageSeconds, text } = showJob(find('canary'), '* * * * *', task(more))
  return [is, ageSeconds, text]
}

test('of the canary the newest row counts, and a failure since', () => {
  const failed = new Map([
    ['canary', status('canary', { result: 'failed', ended: '2026-11-28T08:00:00Z', text: 'no' })],
  ])
  assert.equal(canary({ canary: '2026-11-28T08:20:00Z' }), ['ok', 30, 'its newest row'])
  assert.equal(canary({ canary: '2026-11-28T08:20:00Z', last: failed }), [
    ...['ok', 30, 'its newest row'],
  ])
  assert.equal(canary({ canary: '2026-11-28T07:59:00Z', last: failed }), ['failed', 1230, 'no'])
  assert.equal(canary({ canary: '2026-11-28T08:10:00Z' }), ['stale', 630, 'its newest row'])
  const [is, age, text] = canary({ canary: "ERROR 2002 (HY000): Can't connect" })
  assert.equal([is, age], ['stale', null])
  assert.match(String(text), /^no run has ended since its task began, .*: ERROR 2002/)
})

test('a job is shown by its own status, and never taken for well if it is not known', () => {
  const files = showJob(
    find('files'),
    '30 1 * * *',
    task({ last: new Map([['backup', status('backup', { began: '2026-11-28T01:30:01Z' })]]) }),
  )
  assert.equal([files.is, files.due], ['ok', '2026-11-28T01:30:00.000Z'])
  assert.is(showJob(find('full'), '0 1 * * *', task()).is, 'stale')
  assert.equal(showJob(find('full'), '0 1 * * *', { fault: 'no task runs' }), {
    job: 'full',
    is: 'unread',
    isRunning: false,
    began: null,
    ended: null,
    ageSeconds: null,
    schedule: '0 1 * * *',
    due: null,
    text: 'no task runs',
  })
})

test('each service is asked once, for its own jobs', async () => {
  const asked: string[] = []
  const schedules = {
    full: '@daily',
    binlogs: '@daily',
    canary: '@daily',
    files: '@daily',
    prune: '@daily',
  }
  const jobs = await readJobs(answer({}, asked), services, schedules)
  assert.equal(asked.map(line => line.replace(/bash -c [\s\S]* bash /, '')).sort(), [
    'restic-prune: brd-files/prune',
    'restic: brd-files/backup',
    'walg-prune: brd-backup/prune',
    'walg: brd-backup/full brd-backup/binlogs brd-backup/canary',
  ])
  assert.equal([...new Set(jobs.map(({ is }) => is))], ['unread'])
})

test.run()
