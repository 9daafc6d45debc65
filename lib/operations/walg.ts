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
  probe: ({ service }) => sh`${defineWithin({ service })}
said=$(within sh -c ${`${command} backup-list --detail --json 2>&1`}) || {
  printf '%s\n' "$said" >&2
  exit 1
}
case $said in *'"backup_name"'*) echo there ;; *) echo none ;; esac`,
  read: out =>
    out.exitCode === 0 && out.stdout.length > 0
      ? out.stdout.toString().trim()
      : unreadable(out, 'the backups cannot be listed'),
  plan: (now, { service, timeoutSeconds: seconds = 21_600 }) =>
    change(
      now === 'there' ? [] : [{ key: 'full backup', before: null, after: 'taken' }],
      sh`${defineWithin({ service })}
within sh -c ${`${command} backup-push`} >/dev/null`,
      { seconds },
    ),
  probeSeconds: 60,
})

export const walg = { full }
