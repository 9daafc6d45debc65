import { change, operation, Unknown } from '../../operation.ts'
import { sh } from '../../sh.ts'
import { printState, readState } from './state.ts'
import { defineLive, locateFolder, locateRecord, nameUnit } from './unit.ts'
import { checkJobName } from './wanted.ts'

export type AbsentJob = {
  /** Names the unit brd-job-NAME.service. Of one name, one job runs at a time. */
  readonly name: string
  /**
   * `absent`: the job is stopped, its clean-up runs, and nothing is kept of it. Default present.
   */
  readonly state: 'absent'
}

/** No job of this name runs, and nothing is known of one. */
export const absentJob = operation('job.transient', {
  check: ({ name }: AbsentJob) => checkJobName(name),
  name: ({ name }: AbsentJob) => name,
  probe: ({ name }) => printState(name),
  read: out => {
    const now = readState(out)
    return now instanceof Unknown ? now : now.is
  },
  plan: (now, { name }) =>
    change(
      now === 'absent' ? [] : [{ key: 'job', before: now, after: null }],
      sh`${defineLive(name)}
! live || systemctl stop -- ${nameUnit(name)} || exit
rm -rf ${locateFolder(name)} && rm -f ${locateRecord(name)}`,
      { seconds: 240 },
    ),
})
