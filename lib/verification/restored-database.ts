import type { UnitContents } from '../backups/manifest.ts'
import { type BinlogPosition, readBinlogPosition } from '../backups/position.ts'
import { Finding } from './checks.ts'
import type { Ended } from './docker-process.ts'
import type { Throwaway } from './throwaway.ts'

const SOCKET = '/run/mysqld/mysqld.sock'

/** Settings of the restored server: it is alone, does nothing by itself, and keeps its history. */
const server = [
  'mariadbd --no-defaults --datadir=/var/lib/mysql',
  `--socket=${SOCKET} --skip-networking --skip-grant-tables --event-scheduler=OFF`,
  '--skip-slave-start --server-id=4294967295 --gtid-strict-mode=1 --log-slave-updates',
  '--log-bin=/restore/own --log-error=/restore/error.log --max-allowed-packet=1G',
  '--innodb-flush-log-at-trx-commit=0 --sync-binlog=0 --innodb-buffer-pool-size="$1"',
].join(' ')

/** Where the full backup ends that was fetched into a throwaway. */
export const readPosition = async (place: Throwaway): Promise<BinlogPosition> => {
  const { exitCode, stdout } = await place.run({
    script: 'cat /var/lib/mysql/xtrabackup_binlog_info',
  })
  if (exitCode !== 0)
    throw new Finding(
      'failed',
      'the backup does not say its position: the server keeps no binary logs',
    )
  return readBinlogPosition(stdout)
}

/**
 * Starts the server on what was fetched, at the backup's position. Throws a Finding with the end of
 * its log if it does not start.
 */
export const startServer = async (
  place: Throwaway,
  from: BinlogPosition,
  { pool = '256M', seconds = 600 }: { pool?: string; seconds?: number } = {},
): Promise<void> => {
  const { exitCode, stdout, stderr } = await place.run({
    script: `${server} </dev/null >/dev/null 2>&1 & work=$!
end=$(($(date +%s) + $2))
until mariadb-admin --no-defaults --socket=${SOCKET} ping >/dev/null 2>&1; do
  isDead=0; kill -0 "$work" 2>/dev/null || isDead=1
  if [ "$isDead" = 1 ] || [ "$(date +%s)" -gt "$end" ]; then
    tail -n 5 /restore/error.log >&2
    code=0; [ "$isDead" = 0 ] || wait "$work" || code=$?
    [ "$code" -ne 137 ] || exit 137
    exit 3
  fi
  sleep 0.3
done`,
    args: [pool, String(seconds)],
    seconds: seconds + 30,
  })
  if (exitCode === 3)
    throw new Finding(
      isFull(stderr) ? 'unverified' : 'failed',
      `the restored server does not start: ${lastLine(stderr)}`,
    )
  requireSuccess({ exitCode, stdout, stderr }, 'the restored server could not be started')
  if (from.gtid !== null) await ask(place, `SET GLOBAL gtid_slave_pos = '${from.gtid}'`)
}

/** Asks the restored server; returns its rows. */
export const ask = async (
  place: Throwaway,
  sql: string,
  seconds = 300,
): Promise<readonly (readonly string[])[]> => {
  const ended = await place.run({
    script: `exec mariadb --no-defaults --socket=${SOCKET} --batch --skip-column-names --raw`,
    input: `${sql};\n`,
    seconds,
  })
  requireSuccess(ended, 'the restored server refuses a statement')
  return ended.stdout
    .split('\n')
    .slice(0, -1)
    .map(line => line.split('\t'))
}

/**
 * The position of the restored server, as a list of GTIDs; empty if it has none. What was replayed
 * is in its binary logs, under the server ids of those who wrote it; a domain that was not replayed
 * is where the full backup left it.
 */
export const readReached = async (place: Throwaway): Promise<string> => {
  const [row] = await ask(place, 'SELECT @@gtid_slave_pos, @@gtid_binlog_pos')
  const domains = new Map<string, string>()
  for (const gtid of (row ?? []).flatMap(text => text.split(',')))
    if (gtid !== '') domains.set(gtid.split('-')[0] ?? '', gtid)
  return [...domains.values()].join(',')
}

/** How far to replay: up to a position, to what was committed before a second, or to the end. */
export type ReplayGoal =
  | { readonly gtid: string; readonly time?: never }
  | { readonly time: Date; readonly gtid?: never }
  | { readonly gtid?: never; readonly time?: never }

/**
 * Replays binary logs, from where the server is. Throws a Finding if they do not follow each other,
 * cannot be read, or do not reach the position.
 */
export const replayBinlogs = async (
  place: Throwaway,
  files: readonly string[],
  goal: ReplayGoal,
  seconds = 3600,
): Promise<void> => {
  const from = await readReached(place)
  if (files.length === 0 || goal.gtid === from) return
  const limit = goal.gtid
    ? `--stop-position=${goal.gtid}`
    : goal.time
      ? `--stop-datetime=${formatTime(goal.time)}`
      : ''
  const { exitCode, stdout, stderr } = await place.run({
    // Without TZ=UTC the time of the goal would be another's, silently.
    script: `from=$1 limit=$2; shift 2
cd /restore/archive
export TZ=UTC
{ mariadb-binlog --no-defaults \${from:+"--start-position=$from"} \${limit:+"$limit"} "$@" ||
  echo "$?" >/tmp/replay-failed; } |
  mariadb --no-defaults --socket=${SOCKET} --binary-mode --max-allowed-packet=1G
[ ! -e /tmp/replay-failed ] || { rm /tmp/replay-failed; exit 4; }`,
    args: [from, limit, ...files],
    seconds,
  })
  // There is nothing between here and the goal: mariadb-binlog waits for the first one after.
  const isThere =
    goal.gtid === undefined && /never reached expected GTID state/.test(stderr) && exitCode === 4
  if (exitCode !== 0 && !isThere)
    throw new Finding(
      exitCode === null || isFull(stderr) ? 'unverified' : 'failed',
      exitCode === null
        ? `the replay took more than ${seconds} s`
        : `the binary logs cannot be replayed: ${lastLine(stderr) || stdout}`,
    )
  if (goal.gtid === undefined) return
  const reached = await readReached(place)
  if (!isSamePosition(reached, goal.gtid))
    throw new Finding('failed', `the binary logs end at ${reached}, before ${goal.gtid}`)
}

/** Whether two lists of GTIDs are equal, in whatever order. */
const isSamePosition = (one: string, other: string): boolean =>
  one.split(',').sort().join() === other.split(',').sort().join()

/** As mariadb-binlog reads it, in UTC. */
const formatTime = (time: Date): string => time.toISOString().slice(0, 19).replace('T', ' ')

/** The contents of a unit of the manifest; null if its table is missing. */
export const readUnit = async (
  place: Throwaway,
  table: string,
  where: string,
): Promise<UnitContents | null> => {
  const ended = await place.run({
    script: 'exec contents unit "$1"',
    args: [table],
    input: where,
    seconds: 1800,
  })
  const [rows, xor, sum] = ended.stdout.trimEnd().split('\t')
  if (ended.exitCode === 0 && rows !== undefined && xor !== undefined && sum !== undefined)
    return { rows, xor, sum }
  if (/doesn't exist|does not exist/.test(ended.stderr)) return null
  throw new Finding('unverified', `${table} cannot be read: ${lastLine(ended.stderr)}`)
}

/** What defines each object of the restored databases, by its kind and name. */
export const readObjects = async (place: Throwaway): Promise<Record<string, string>> => {
  const ended = await place.run({
    script: `exec mariadb --no-defaults --socket=${SOCKET} --batch --skip-column-names --raw \\
  </usr/local/share/brd-backup/objects.sql`,
    seconds: 600,
  })
  requireSuccess(ended, 'the objects of the restored server cannot be read')
  return Object.fromEntries(
    ended.stdout
      .split('\n')
      .slice(0, -1)
      .map(line => line.split('\t') as [string, string]),
  )
}

const requireSuccess = ({ exitCode, stderr }: Ended, what: string): void => {
  if (exitCode !== 0)
    throw new Finding(
      'unverified',
      `${what}: ${exitCode === null ? 'its time was over' : lastLine(stderr)}`,
    )
}

/** The disk of this host was too small, which says nothing of the backup. */
const isFull = (stderr: string): boolean =>
  /no space left|err(?:code|no|or):? "?28\b|the table '.*' is full/i.test(stderr)

const lastLine = (text: string): string =>
  text
    .trim()
    .split('\n')
    .findLast(line => line.trim() !== '')
    ?.slice(0, 300) ?? ''
