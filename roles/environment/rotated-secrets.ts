import type { SecretsUnchanged } from '../../lib/operations/secretsUnchanged.ts'
import { type EnvironmentOptions, ROTATED_SECRETS, type RotatedSecret } from './options.ts'

/** The names of the secrets in `--secret`. */
export const ROTATION_NAMES: Readonly<Record<RotatedSecret, string>> = {
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
export const pinSecrets = ({
  name,
  secrets,
  hmac,
  rotating = [],
}: EnvironmentOptions): SecretsUnchanged => ({
  name: `environment-${name}`,
  secrets: Object.fromEntries(
    ROTATED_SECRETS.map(key => {
      const { name: of, now, previous } = secrets.rotated[key]
      const stamp = (secret: typeof now): string => hmac(`kept ${name}/${of}`, secret)
      return [
        of,
        {
          stamps: [stamp(now), ...(previous ? [stamp(previous)] : [])],
          rotate: `npx zx playbooks/rotate.ts --env ${name} --secret ${ROTATION_NAMES[key]}`,
          rotating: rotating.includes(key),
        },
      ] as const
    }),
  ),
})
