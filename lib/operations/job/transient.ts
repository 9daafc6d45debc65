import { Refusal } from '../../deferred.ts'
import { type Change, change, type Diff, type Operation, operation } from '../../operation.ts'
import { Secret } from '../../secret.ts'
import { sh } from '../../sh.ts'
import { type AbsentJob, absentJob } from './absent.ts'
import { type JobState, printState, readState } from './state.ts'
import { beginJob, defineLive, nameUnit } from './unit.ts'
import { checkTransient, hashInputs, type TransientJob } from './wanted.ts'
import { watchJob } from './watch.ts'

/** How long what follows the work may take besides it, in seconds. */
const MARGIN_SECONDS = 300

const presentJob = operation('job.transient', {
  check: (want: TransientJob) => checkTransient(want),
  name: ({ name }: TransientJob) => name,
  probe: ({ name }) => printState(name),
  read: out => readState(out),
  plan: (now, want): Change | Refusal | null => {
    const isSame = now.is !== 'absent' && now.inputs === hashInputs(want)
    if (now.is === 'done' && isSame) return null
    if (now.is === 'running' && !isSame) return refuseOther(want.name, now.began)
    if (now.is === 'failed' && isSame) return refuseFailed(want.name, now)
    const isRunning = now.is === 'running'
    const done = want.rerun === undefined ? 'done' : `done, for ${want.rerun}`
    const diff: Diff = [
      { key: 'job', before: describe(now, isSame), after: done },
      ...(isRunning
        ? []
        : [{ key: 'run', before: null, after: want.run.text, text: true } as const]),
    ]
    return change(
      diff,
      isRunning
        ? sh`${defineLive(want.name)}
${watchJob(want)}`
        : sh`${defineLive(want.name)}
${beginJob(want)}
${watchJob(want)}`,
      {
        ...(isRunning ? {} : { stdin: encodeSecrets(want) }),
        seconds: 120,
        watchSeconds: (want.timeoutSeconds ?? 3600) + MARGIN_SECONDS,
      },
    )
  },
})

/** One line of base64 for each secret. */
const encodeSecrets = ({ secrets = {} }: TransientJob): readonly (string | Secret)[] =>
  Object.values(secrets).flatMap(secret => [
    new Secret(Buffer.from(secret.reveal()).toString('base64'), secret.name),
    '\n',
  ])

const describe = (now: JobState, isSame: boolean): string | null => {
  if (now.is === 'absent') return null
  const other = isSame ? '' : ', with other inputs'
  if (now.is === 'running') return now.began === '' ? 'running' : `running since ${now.began}`
  if (now.is === 'done') return `done ${now.ended}${other}`
  return now.is === 'failed'
    ? `${now.why}${other}`
    : `begun ${now.began}, ended by a reboot${other}`
}

const refuseOther = (name: string, began: string): Refusal =>
  new Refusal(
    `${nameUnit(name)} runs with other inputs${began && `, since ${began}`}`,
    `wait for its end, or end it: systemctl stop ${nameUnit(name)}, ` +
      `or job.transient({ name: '${name}', state: 'absent' })`,
  )

const refuseFailed = (name: string, { why, said }: Extract<JobState, { is: 'failed' }>): Refusal =>
  new Refusal(
    `${nameUnit(name)} ${why}`,
    'mend the cause, then begin it anew by another text of `rerun`, ' +
      "or remove it by state: 'absent'",
    said,
  )

/**
 * Long work is done on the host, as a unit of systemd that no session holds. A run begins it, shows
 * its output and its progress, and waits for its end. A lost link, Ctrl-C or a controller that dies
 * does not end the work, and the next run watches on. If it runs with other inputs, that is an
 * error; if it failed, the error says how, with its last lines. A job that a reboot ended begins
 * again. What the inputs are: `run`, `cleanUp`, `rerun` and the secrets.
 *
 * An absent job is stopped, cleaned up and forgotten. The host needs systemd 240.
 */
export const transient = operation('job.transient', {
  from: (want: TransientJob | AbsentJob, meta): Operation =>
    want.state === 'absent' ? absentJob(want, meta) : presentJob(want, meta),
})
