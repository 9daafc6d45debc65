import { createHash } from 'node:crypto'
import type { Secret } from '../secret.ts'

/**
 * A keyed hash of a secret, in hex, under a key of the encrypted store; `purpose` keeps two uses of
 * one secret apart.
 */
export type Hmac = (purpose: string, secret: Secret) => string

/**
 * Names a stack's config on the cluster. The name contains the hash of the content, because a
 * config of Docker never changes.
 */
export const nameConfig = (stack: string, name: string, content: string): string =>
  checkLength(
    `${stack}_${name}_${createHash('sha256').update(content).digest('hex').slice(0, 12)}`,
    'config',
    name,
  )

/**
 * Names a stack's secret on the cluster. The hash in the name is keyed: a bare one would allow
 * guessing the value.
 */
export const nameSecret = (stack: string, name: string, secret: Secret, hmac: Hmac): string => {
  const hash = hmac(`docker secret ${stack}/${name}`, secret).slice(0, 12)
  if (!/^[0-9a-f]{12}$/.test(hash))
    throw new Error(`secret ${name} of stack ${stack}: hmac gives hex of 12 characters or more`)
  return checkLength(`${stack}_${name}_${hash}`, 'secret', name)
}

/** Hashes a JSON value, independently of the order of its keys. */
export const hashJson = (value: unknown): string =>
  createHash('sha256')
    .update(JSON.stringify(sortKeys(value)))
    .digest('hex')
    .slice(0, 12)

const checkLength = (full: string, kind: string, name: string): string => {
  if (full.length > 64)
    throw new Error(
      `${kind} ${name}: its full name ${full} has ${full.length} characters, Docker takes 64`,
    )
  return full
}

const sortKeys = (value: unknown): unknown =>
  Array.isArray(value)
    ? value.map(sortKeys)
    : value && typeof value === 'object'
      ? Object.fromEntries(
          Object.entries(value)
            .sort(([a], [b]) => (a < b ? -1 : 1))
            .map(([key, item]) => [key, sortKeys(item)]),
        )
      : value
