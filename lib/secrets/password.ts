import { randomInt } from 'node:crypto'

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'

/**
 * Generates a password: 190 random bits as 32 letters and digits, which need no quoting in a shell,
 * a URL or a config file.
 */
export const generatePassword = (length = 32): string =>
  Array.from({ length }, () => letters[randomInt(letters.length)]).join('')
