/**
 * Returns the end of a text, at most `most` characters of whole words: half of a secret would not
 * be recognized and redacted.
 */
export const takeEnd = (text: string, most: number): string =>
  text.length <= most ? text : `…${text.slice(-most).replace(/^\S+/, '')}`
