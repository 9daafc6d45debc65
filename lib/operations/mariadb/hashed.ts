import { createHash } from 'node:crypto'
import type { Secret } from '../../secret.ts'

/** Hashes a password as MariaDB does, and once more as the probe does. */
export const hashPassword = (password: Secret): string => {
  const once = createHash('sha1').update(password.reveal()).digest()
  const kept = `*${createHash('sha1').update(once).digest('hex')}`.toUpperCase()
  return createHash('sha256').update(kept).digest('hex')
}
