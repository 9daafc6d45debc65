import { change, operation, unreadable } from '../../operation.ts'
import { sh } from '../../sh.ts'
import { placeOf } from '../docker/within.ts'
import { account, type Server, sql, text } from './container.ts'

export type AbsentUser = Server & {
  readonly user: string
  readonly host: string
  /** `absent`: it is dropped, or locked if objects are defined as it. Default present. */
  readonly state: 'absent'
  readonly password?: never
  readonly grants?: never
}

/**
 * A user of a MariaDB on this host does not exist, and its connections are closed. If views,
 * routines, triggers or events are defined as this user, which would fail without it, it stays but
 * is locked.
 */
export const absentUser = operation('mariadb.user', {
  name: (want: AbsentUser) => `without ${want.user}@${want.host} of ${placeOf(want)}`,
  probe: want => sh`${sql(want)}
found=$(printf '%s' ${state(want)} | sql) || exit
echo "\${found:-absent}"`,
  read: out => {
    const [is = '', objects = '0'] = out.stdout.toString().trim().split(' ')
    return out.rc === 0 && is !== ''
      ? { is, objects: Number(objects) }
      : unreadable(out, 'the user cannot be read')
  },
  plan: ({ is, objects }, want) => {
    const who = account(want)
    const lock = `ALTER USER ${who} ACCOUNT LOCK; KILL CONNECTION USER ${who};`
    const stays = objects > 0
    const after = stays
      ? `locked: ${objects} ${objects > 1 ? 'objects are' : 'object is'} defined as it`
      : null
    return change(
      is === 'absent' || (stays && is === 'locked') ? [] : [{ key: 'user', before: is, after }],
      sh`${sql(want)}
printf '%s\n' ${stays ? lock : `${lock} DROP USER ${who};`} | sql`,
    )
  },
})

const state = (want: AbsentUser): string => {
  const definer = text(`${want.user}@${want.host}`)
  const count = ['VIEWS', 'ROUTINES', 'TRIGGERS', 'EVENTS'].map(
    of => `(SELECT COUNT(*) FROM information_schema.${of} WHERE DEFINER = ${definer})`,
  )
  return [
    "SELECT CONCAT(IF(IFNULL(JSON_CONTAINS(Priv, 'true', '$.account_locked'), 0),",
    `'locked', 'open'), ' ', ${count.join(' + ')})`,
    `FROM mysql.global_priv WHERE User = ${text(want.user)} AND Host = ${text(want.host)}`,
  ].join(' ')
}
