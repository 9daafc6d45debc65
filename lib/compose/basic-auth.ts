import { createHash } from 'node:crypto'
import { Secret } from '../secret.ts'
import type { Hmac } from './names.ts'

/**
 * Renders a users file for Traefik's basicAuth. The salt is derived from the password under the
 * store's key, so that equal passwords give an equal file. The hash is apr1: the passwords are long
 * and random, and bcrypt would cost the entry point 50 ms of CPU per request without benefit.
 */
export const renderUsersFile = (users: Readonly<Record<string, Secret>>, hmac: Hmac): Secret => {
  const lines = Object.entries(users).map(
    ([user, password]) =>
      `${user}:${hashApr1(password.reveal(), hmac('basic auth salt', password).slice(0, 8))}`,
  )
  return new Secret(`${lines.join('\n')}\n`, 'users of the entry point')
}

/** Hashes a password with Apache's MD5 (`openssl passwd -apr1`). */
export const hashApr1 = (password: string, salt: string): string => {
  const [word, grain] = [Buffer.from(password), Buffer.from(salt)]
  const inner = hashMd5(word, grain, word)
  const first: Buffer[] = [word, Buffer.from('$apr1$'), grain]
  for (let left = word.length; left > 0; left -= 16)
    first.push(inner.subarray(0, Math.min(16, left)))
  for (let bits = word.length; bits > 0; bits >>= 1)
    first.push(bits & 1 ? Buffer.from([0]) : word.subarray(0, 1))
  let sum = hashMd5(...first)
  for (let i = 0; i < 1000; i++)
    sum = hashMd5(
      i & 1 ? word : sum,
      ...(i % 3 ? [grain] : []),
      ...(i % 7 ? [word] : []),
      i & 1 ? sum : word,
    )
  return `$apr1$${salt}$${encodeSum(sum)}`
}

const hashMd5 = (...parts: readonly Buffer[]): Buffer =>
  parts.reduce((hash, part) => hash.update(part), createHash('md5')).digest()

const digits = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const order = [
  [0, 6, 12],
  [1, 7, 13],
  [2, 8, 14],
  [3, 9, 15],
  [4, 10, 5],
] as const

const encodeSum = (sum: Buffer): string => {
  const at = (i: number): number => sum[i] as number
  return (
    order.map(([a, b, c]) => encodeSixBits((at(a) << 16) | (at(b) << 8) | at(c), 4)).join('') +
    encodeSixBits(at(11), 2)
  )
}
const encodeSixBits = (value: number, count: number): string =>
  Array.from({ length: count }, (_, i) => digits[(value >> (6 * i)) & 63]).join('')
