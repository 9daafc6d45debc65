import { accepts, refuses } from './redis/logins.ts'
import { ping } from './redis/ping.ts'
import { setting } from './redis/setting.ts'
import { users } from './redis/users.ts'

/** Redis: that it answers, its parameters, its users. */
export const redis = {
  /** A Redis on this host answers its administrator. */
  ping,
  /** A parameter of a Redis on this host has this value. */
  setting,
  /**
   * A Redis that runs as a service on this node has exactly these users, now and after a restart:
   * its ACL file beside the data lists them, and the server has read it.
   */
  users,
  /** Redis accepts this user with this password. */
  accepts,
  /** Redis refuses this user with this password. */
  refuses,
}
