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
  /** A database with this character set and collation exists in a MariaDB on this host. */
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
  /** A user of a MariaDB on this host has exactly these privileges on one database or table. */
  grants,
  /** A global variable of a MariaDB on this host has this value until the server restarts. */
  setting,
  /**
   * The administrator of a MariaDB that runs as a service on this node has this password, and so
   * has the login file beside the data.
   */
  administrator,
  /** The server accepts this user with this password. */
  accepts,
  /** The server refuses this user with this password. */
  refuses,
}
