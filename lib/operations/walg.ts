import { change, operation, unreadable } from '../operation.ts'
import { sh } from '../sh.ts'
import { defineWithin } from './docker/within.ts'

export type FullBackup = {
  /**
   * The full name of wal-g's service, such as `stage-data_walg`; its task must be on this node.
   */
  readonly service: string
  /** How long a backup may take, in seconds. Default 21600: six hours. */
  readonly timeoutSeconds?: number
}

const command = 'wal-g --config /run/secrets/walg.json'

/**
 * The place that wal-g writes to contains a full backup, without which nothing there can be
 * restored.
 */
const full = operation('walg.full', {
  name: ({ service }: FullBackup) => service,
  probe: ({ service }) => sh`${defineWithin({ service }, 50)}
said=$(within sh -c ${`${command} backup-list --detail --json 2>&1`}) || {
  printf '%s\n' "$said" >&2
  exit 1
}
case $said in
  *'"backup_name"'*) echo there ;;
  *'[]'* | *'No backups found'*) echo none ;;
  *) printf '%s\n' "$said" >&2; exit 1 ;;
esac`,
  read: out => {
    const word = out.stdout.toString().trim()
    return out.exitCode === 0 && (word === 'there' || word === 'none')
      ? word
      : unreadable(out, 'the backups cannot be listed')
  },
  plan: (now, { service, timeoutSeconds: seconds = 21_600 }) =>
    change(
      now === 'there' ? [] : [{ key: 'full backup', before: null, after: 'taken' }],
      sh`${defineWithin({ service }, seconds)}
while sleep 1; do echo alive || exit; done | within sh -c ${push} >/dev/null`,
      { seconds: seconds + 30 },
    ),
  probeSeconds: 60,
})

// Two backups at one time may write the same object: a second one is refused. If the host is lost
// or the change is ended, the lines on stdin end, and the backup with them.
// A container whose first process asks for no others keeps each that has ended: it does not run.
const push = `own=/tmp/brd-backup-push
runs() {
  [ -n "$1" ] && read -r state <"/proc/$1/stat" && case \${state##*) } in [ZX]*) false ;; esac
}
if mkdir $own 2>/dev/null; then :
elif runs "$(cat $own/process)" 2>/dev/null; then
  echo "a backup runs already: process $(cat $own/process) in the container" >&2
  exit 1
fi
exec 3<&0
${command} backup-push </dev/null 3<&- & work=$!
echo $work >$own/process
{ while read -r _; do :; done <&3; kill -TERM $work; } >/dev/null 2>&1 & watch=$!
wait $work; code=$?
kill $watch
rm -rf $own
exit $code`

export const walg = {
  /**
   * The place that wal-g writes to contains a full backup, without which nothing there can be
   * restored.
   */
  full,
}
