import { randomInt } from 'node:crypto'

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'

/**
 * A new password: 190 random bits as 32 letters and digits, which no shell, URL or config file
 * reads otherwise.
 */
export const generatePassword = (length = 32): string =>
  Array.from({ length }, () => letters[randomInt(letters.length)]).join('')
