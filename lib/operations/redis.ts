import { accepts, refuses } from './redis/logins.ts'
import { ping } from './redis/ping.ts'
import { setting } from './redis/setting.ts'
import { users } from './redis/users.ts'

/** Redis: that it answers, its parameters, its users. */
export const redis = { ping, setting, users, accepts, refuses }
