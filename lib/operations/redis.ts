import { ping } from './redis/ping.ts'
import { setting } from './redis/setting.ts'

/** Redis: that it answers, and its parameters. */
export const redis = { ping, setting }
