import { type Operation, operation } from '../operation.ts'
import { type AbsentUser, absentUser } from './mariadb/absent.ts'
import { administrator } from './mariadb/administrator.ts'
import { database } from './mariadb/database.ts'
import { grants } from './mariadb/grants.ts'
import { accepts, refuses } from './mariadb/logins.ts'
import { setting } from './mariadb/setting.ts'
import { type PresentUser, presentUser } from './mariadb/user.ts'

/** MariaDB: databases, users, their grants, settings. */
export const mariadb = {
  database,
  /**
   * A user of a MariaDB on this host has exactly this password and these privileges. An absent user
   * does not exist, and its connections are closed; if views, routines, triggers or events are
   * defined as it, which would fail without it, it stays but is locked.
   */
  user: operation('mariadb.user', {
    from: (want: PresentUser | AbsentUser, meta): Operation =>
      want.state === 'absent' ? absentUser(want, meta) : presentUser(want, meta),
  }),
  grants,
  setting,
  administrator,
  accepts,
  refuses,
}
