import { change, operation, unreadable } from '../../operation.ts'
import { sh } from '../../sh.ts'
import { nameLocation } from '../docker/within.ts'
import { defineSql, type MariadbServer, quoteAccount, quoteText } from './container.ts'
import { printSelf, refuseSelf } from './self.ts'

export type AbsentUser = MariadbServer & {
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
  name: (want: AbsentUser) => `without ${want.user}@${want.host} of ${nameLocation(want)}`,
  probe: want => sh`${defineSql(want)}
found=$(printf '%s' ${queryState(want)} | sql) || exit
echo "\${found:-absent}"`,
  read: out => {
    const [is = '', objects = '0', self] = out.stdout.toString().trim().split(' ')
    return out.exitCode === 0 && is !== ''
      ? { is, objects: Number(objects), self: self === 'self' }
      : unreadable(out, 'the user cannot be read')
  },
  plan: ({ is, objects, self }, want) => {
    if (self) return refuseSelf(want)
    const who = quoteAccount(want)
    const lock = `ALTER USER ${who} ACCOUNT LOCK; KILL CONNECTION USER ${who};`
    const stays = objects > 0
    const after = stays
      ? `locked: ${objects} ${objects > 1 ? 'objects are' : 'object is'} defined as it`
      : null
    return change(
      is === 'absent' || (stays && is === 'locked') ? [] : [{ key: 'user', before: is, after }],
      sh`${defineSql(want)}
printf '%s\n' ${stays ? lock : `${lock} DROP USER ${who};`} | sql`,
    )
  },
})

const queryState = (want: AbsentUser): string => {
  const definer = quoteText(`${want.user}@${want.host}`)
  const count = ['VIEWS', 'ROUTINES', 'TRIGGERS', 'EVENTS'].map(
    of => `(SELECT COUNT(*) FROM information_schema.${of} WHERE DEFINER = ${definer})`,
  )
  return [
    "SELECT CONCAT(IF(IFNULL(JSON_CONTAINS(Priv, 'true', '$.account_locked'), 0),",
    `'locked', 'open'), ' ', ${count.join(' + ')}, ${printSelf(want)})`,
    `FROM mysql.global_priv WHERE User = ${quoteText(want.user)}`,
    `AND Host = ${quoteText(want.host)}`,
  ].join(' ')
}
