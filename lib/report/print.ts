import { makeSafe, makeStyledSafe } from './sanitize.ts'

/** Says something outside a run's events: on stderr, so that --json stays clean. */
export const say = (text: string): void => write(process.stderr, makeSafe(text))

/** Prints what the user asked for (--help, --list-hosts). */
export const print = (text: string): void => write(process.stdout, makeSafe(text))

/** Prints a text with colours of this program. */
export const printStyled = (text: string): void => write(process.stdout, makeStyledSafe(text))

/** Prints a secret that the user asked for by name, as it is. */
export const printExactly = (text: string): void => write(process.stdout, text)

/** Shows how far something is: on a terminal, in one line that the next one replaces. */
export const showProgress = (text: string): void =>
  void process.stderr.write(
    process.stderr.isTTY === true ? `\r${makeSafe(text)}\x1b[K\r` : `${makeSafe(text)}\n`,
  )

const heard = new WeakSet<NodeJS.WriteStream>()

/**
 * Writes a line. A reader that leaves (`| head`) ends neither the work nor the process with a stack
 * trace; a line that could not be written for another reason is exit code 1.
 */
const write = (stream: NodeJS.WriteStream, text: string): void => {
  if (!heard.has(stream))
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') process.exitCode = 1
    })
  heard.add(stream)
  stream.write(`${text}\n`)
}
