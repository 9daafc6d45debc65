/**
 * The end of a text, in whole words: half of a secret would not be known for one, and be shown.
 * `most` is in characters.
 */
export const takeEnd = (text: string, most: number): string =>
  text.length <= most ? text : `…${text.slice(-most).replace(/^\S+/, '')}`
