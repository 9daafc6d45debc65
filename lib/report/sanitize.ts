/** A function that makes one text fit to be shown. */
export type Sanitizer = (text: string) => string

/**
 * Control characters as pictures, so that what a host prints cannot steer the terminal; tab and
 * line feed stay.
 */
export const escapeControls: Sanitizer = text =>
  text
    .replace(/[\0-\x08\x0b-\x1f]/g, c => String.fromCharCode(0x2400 + c.charCodeAt(0)))
    .replace(/[\x7f-\x9f\u202a-\u202e\u2066-\u2069]/g, '\ufffd')

/** The same value with every text in it cleaned. Names of properties stay. */
export const sanitize = <T>(value: T, clean: Sanitizer): T => {
  if (typeof value === 'string') return clean(value) as T
  if (Array.isArray(value)) return value.map(one => sanitize(one, clean)) as T
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => [key, sanitize(one, clean)]),
  ) as T
}
