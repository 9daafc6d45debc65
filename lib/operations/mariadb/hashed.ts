import { createHash } from 'node:crypto'
import type { Secret } from '../../secret.ts'

/**
 * As MariaDB keeps a password, and hashed once more as a probe does: it is never what SHOW GRANTS
 * tells.
 */
export const hashed = (password: Secret): string => {
  const once = createHash('sha1').update(password.reveal()).digest()
  const kept = `*${createHash('sha1').update(once).digest('hex')}`.toUpperCase()
  return createHash('sha256').update(kept).digest('hex')
}
