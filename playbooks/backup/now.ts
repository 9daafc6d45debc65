/** A backup of an environment, now. */
import type { Environment as Entry } from '../../lib/inventory/inventory.ts'
import { Unknown } from '../../lib/operation.ts'
import { nameNextRun } from '../../lib/operations/job/next-run.ts'
import { printState, readState } from '../../lib/operations/job/state.ts'
import { job } from '../../lib/operations/job.ts'
import type { Run } from '../../lib/run/run.ts'
import { join, type Sh, sh } from '../../lib/sh.ts'
import { findFirstManager } from '../cluster.ts'
import { findContainer, requireDocker } from '../deploy/daily.ts'
import type { FoundService } from '../deploy/services.ts'

/** A first full backup may take long, and what hangs must end. In seconds. */
const TAKES_SECONDS = 12 * 3600

type Services = { readonly walg: FoundService; readonly restic: FoundService }

/**
 * A backup has run on the environment's server, as a job that no session holds: one that was begun
 * before is watched on.
 */
export const backUpNow = async (run: Run, entry: Entry, services: Services): Promise<void> => {
  const { server, name } = entry
  run.requireHosts([server], 'the backup runs there')
  const { failed } = await run.play(
    [server],
    await makeList(run, entry, services),
    `a backup of ${name}`,
  )
  if (failed.length > 0)
    run.note('When its cause is mended, the same command begins a backup anew.', server)
}

const makeList = async (run: Run, entry: Entry, services: Services) => {
  const name = `backup-${entry.name}`
  const next = run.mode === 'list' ? {} : await findNextRun(run, entry, name)
  const backup = job.transient({
    name,
    run: takeBackups(entry, services),
    timeoutSeconds: TAKES_SECONDS,
    ...next,
  })
  return () => [backup]
}

/** What cannot be read is the operation's to say. */
const findNextRun = async (run: Run, { server }: Entry, name: string) => {
  const quietly = run.on(server).$({ reads: true, quiet: true, nothrow: true })
  const output = await quietly`${printState(name)}`
  const { exitCode, stderr } = output
  const now = readState({ exitCode, stderr, stdout: output.buffer() })
  return now instanceof Unknown ? {} : nameNextRun(now)
}

/**
 * Takes a full backup of the database, then a snapshot of the files and of Redis, in the tasks that
 * do it by schedule and under their locks. If the first fails, the second is taken all the same. A
 * job that runs already is exit code 75.
 */
export const takeBackups = (
  { name, server, cluster }: Pick<Entry, 'name' | 'server' | 'cluster'>,
  { walg, restic }: Services,
): Sh =>
  join([
    requireDocker({
      host: server.name,
      cluster: cluster.name,
      manager: server === findFirstManager(cluster),
    }),
    sh`ended=0
judge() {
  case $1 in
    0) return ;;
    75) printf '%s %s\n' "$2: another backup of the same runs, by its schedule or begun by hand;" \
      ${`it goes on, and this says when it has ended: backup.ts --env ${name} status`} >&2 ;;
    *) printf '%s\n' "$2: not backed up (exit $1)" >&2 ;;
  esac
  case $ended in 0 | 75) ended=$1 ;; esac
}
progress '{"part":1,"parts":2,"of":"the database"}'
( ${findContainer(walg)}
docker exec "$id" brd-backup full )
judge $? 'the database'
progress '{"part":2,"parts":2,"of":"the files and Redis"}'
( ${findContainer(restic)}
docker exec --env BRD_WAIT=0 "$id" brd-files backup )
judge $? 'the files and Redis'
exit "$ended"`,
  ])
