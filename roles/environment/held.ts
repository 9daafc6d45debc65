import type { Kept } from '../../lib/operations/kept.ts'
import { type Environment, HELD, type HeldName } from './options.ts'

/** What a secret is called where it is rotated. */
export const SPOKEN: Readonly<Record<HeldName, string>> = {
  root: 'database-root',
  app: 'database',
  backup: 'database-backup',
  monitor: 'database-monitor',
  redis: 'redis',
  redisAdmin: 'redis-admin',
  restic: 'restic',
  walg: 'walg',
}

/** The environment's secrets that change by a rotation alone, as the server remembers them. */
export const held = ({ name, secrets, hmac, rotating = [] }: Environment): Kept => ({
  name: `environment-${name}`,
  secrets: Object.fromEntries(
    HELD.map(key => {
      const { name: of, now, previous } = secrets.held[key]
      const stamp = (secret: typeof now): string => hmac(`kept ${name}/${of}`, secret)
      return [
        of,
        {
          stamps: [stamp(now), ...(previous ? [stamp(previous)] : [])],
          rotate: `npx zx playbooks/rotate.ts --env ${name} --secret ${SPOKEN[key]}`,
          rotating: rotating.includes(key),
        },
      ] as const
    }),
  ),
})
