import { redactSecrets } from '../secret.ts'

/** Makes a text safe to show. */
export type Sanitizer = (text: string) => string

/**
 * Replaces control characters by visible ones, so that the output of a host cannot control the
 * terminal. Tab and line feed stay.
 */
export const escapeControls: Sanitizer = text =>
  text
    .replace(/[\0-\x08\x0b-\x1f]/g, c => String.fromCharCode(0x2400 + c.charCodeAt(0)))
    .replace(/[\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, '\ufffd')

/**
 * Makes a text safe that came from outside this program: no secret, and nothing that controls a
 * terminal.
 */
export const makeSafe: Sanitizer = text => escapeControls(redactSecrets(text))

/** The same for a text with colours: the codes of colours stay, and no others do. */
export const makeStyledSafe: Sanitizer = text =>
  redactSecrets(text)
    .split(/(\x1b\[[0-9;]*m)/)
    .map((part, i) => (i % 2 === 1 ? part : escapeControls(part)))
    .join('')

/** Sanitizes every text in a value. Names of properties stay. */
export const sanitize = <T>(value: T, clean: Sanitizer): T => {
  if (typeof value === 'string') return clean(value) as T
  if (Array.isArray(value)) return value.map(one => sanitize(one, clean)) as T
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => [key, sanitize(one, clean)]),
  ) as T
}
