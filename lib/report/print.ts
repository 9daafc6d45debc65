import { makeSafe, makeStyledSafe } from './sanitize.ts'

/** Says something outside a run's events: on stderr, so that --json stays clean. */
export const say = (text: string): void => void process.stderr.write(`${makeSafe(text)}\n`)

/** Prints what the user asked for (--help, --list-hosts). */
export const print = (text: string): void => void process.stdout.write(`${makeSafe(text)}\n`)

/** Prints a text with colours of this program. */
export const printStyled = (text: string): void =>
  void process.stdout.write(`${makeStyledSafe(text)}\n`)

/** Prints a secret that the user asked for by name, as it is. */
export const printExactly = (text: string): void => void process.stdout.write(`${text}\n`)

/** Shows how far something is: on a terminal, in one line that the next one replaces. */
export const showProgress = (text: string): void =>
  void process.stderr.write(
    process.stderr.isTTY === true ? `\r${makeSafe(text)}\x1b[K\r` : `${makeSafe(text)}\n`,
  )
