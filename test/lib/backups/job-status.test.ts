import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type JudgedJob, judgeJob, readJobStatus } from '../../../lib/backups/job-status.ts'
import { Unreadable } from '../../../lib/backups/unreadable.ts'

const test = suite('the status of a job')

const status = {
  job: 'full',
  result: 'done',
  began: '2026-11-28T01:00:00Z',
  ended: '2026-11-28T01:04:00Z',
  text: 'stream_20261128T010000Z',
}

test('is what the job has written', () =>
  assert.equal(readJobStatus(`${JSON.stringify(status)}\n`), status))

for (const [title, text] of Object.entries({
  nothing: '',
  'a part': '{"job":"full","resu',
  'another result': JSON.stringify({ ...status, result: 'perhaps' }),
  'a time that is none': JSON.stringify({ ...status, ended: 'soon' }),
}))
  test(`${title} is none`, () =>
    assert.throws(
      () => readJobStatus(text),
      (error: unknown) => error instanceof Unreadable,
    ))

const done = (began: string) => ({ result: 'done', began }) as const
const judge = (more: Partial<JudgedJob>): string => {
  const { is, due } = judgeJob({
    last: done('2026-11-28T01:00:02Z'),
    isRunning: false,
    taskBegan: new Date('2026-11-01T00:00:00Z'),
    schedule: '0 1 * * *',
    now: new Date('2026-11-28T08:20:30Z'),
    ...more,
  })
  return `${is} ${due?.toISOString().slice(0, 16)}`
}
const today = '2026-11-28T01:00'
const yesterday = '2026-11-27T01:00'

const rows: Record<string, [Partial<JudgedJob>, string]> = {
  'it ran when it was due': [{}, `ok ${today}`],
  'it was begun by hand since': [{ last: done('2026-11-28T07:00:00Z') }, `ok ${today}`],
  'it missed a night': [{ last: done('2026-11-27T01:00:02Z') }, `stale ${today}`],
  'it has not begun yet, two minutes on': [
    { last: done('2026-11-27T01:00:02Z'), now: new Date('2026-11-28T01:01:59Z') },
    `ok ${yesterday}`,
  ],
  'it runs since it was due': [
    {
      last: done('2026-11-27T01:00:02Z'),
      isRunning: true,
      now: new Date('2026-11-28T06:30:00Z'),
    },
    `ok ${yesterday}`,
  ],
  'it runs, and does not end': [
    { last: done('2026-11-27T01:00:02Z'), isRunning: true },
    `stale ${today}`,
  ],
  'its last run failed': [
    { last: { result: 'failed', began: '2026-11-28T01:00:02Z' } },
    `failed ${today}`,
  ],
  'it never ran': [{ last: null }, `stale ${today}`],
  'its task is younger than its time': [
    { last: null, taskBegan: new Date('2026-11-28T02:00:00Z') },
    `waiting ${today}`,
  ],
  'its schedule is another kind': [{ schedule: '0 1 L * *' }, 'unjudged undefined'],
  'its schedule is another kind, and it failed': [
    { schedule: '0 1 L * *', last: { result: 'failed', began: '2026-11-28T01:00:02Z' } },
    'failed undefined',
  ],
}
for (const [title, [more, expected]] of Object.entries(rows))
  test(title, () => assert.is(judge(more), expected))

test.run()
