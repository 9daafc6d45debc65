/** Says something outside a run's events: on stderr, so that --json stays clean. */
export const say = (text: string): void => void process.stderr.write(`${text}\n`)

/** Prints what the user asked for (--help, --list-hosts). */
export const print = (text: string): void => void process.stdout.write(`${text}\n`)
