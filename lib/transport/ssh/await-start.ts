import type { Secret } from '../../secret.ts'
import type { Exit, Process } from '../connection.ts'

/** What the shell prints when it has started; all before it is noise of the login. */
export const READY = 'brd-shell-ready'

/**
 * What sudo prints when it wants the password: told apart from all else, whatever the language and
 * the host's settings.
 */
export const prompt = 'brd-sudo-password:'

/**
 * How a start went wrong: what was printed, how it ended (null: it was given up), and how often the
 * password was asked for.
 */
export type Failed = { readonly text: string; readonly exit: Exit | null; readonly asked: number }

/** Milliseconds that the last words may take to come after the exit. */
const lastWords = 1000

/**
 * Null when the shell has said its word; its stdout goes on right after that. Else how it failed:
 * the process ended, sudo asked a
 * second time (the first answer was wrong), or the time was over. Answers sudo's first question
 * with the password.
 */
export const waitForStart = (
  { stdin, stdout, stderr, exit }: Process,
  password: Secret | undefined,
  ms: number,
): Promise<Failed | null> =>
  new Promise(resolve => {
    let noise = Buffer.alloc(0)
    let errors = ''
    let asked = 0
    let settled = false
    const end = (failed: Failed | null) => {
      settled = true
      clearTimeout(timer)
      stdout.off('readable', hear)
      stderr.off('data', listen)
      resolve(failed)
    }
    const fail = (how: Exit | null) => end({ text: errors + noise.toString(), exit: how, asked })
    const hear = () => {
      for (let chunk = stdout.read(); chunk !== null; chunk = stdout.read())
        noise = Buffer.concat([noise, chunk as Buffer])
      const at = noise.indexOf(`${READY}\n`)
      if (at < 0) return
      end(null)
      const rest = noise.subarray(at + READY.length + 1)
      if (rest.length > 0) stdout.unshift(rest)
    }
    const listen = (chunk: Buffer) => {
      errors = (errors + String(chunk)).slice(-4000)
      if (!errors.includes(prompt)) return
      errors = errors.replace(prompt, '')
      asked++
      if (asked > 1 || !password) fail(null)
      else stdin.write(`${password.reveal()}\n`)
    }
    const timer = setTimeout(fail, ms, null)
    stdout.on('readable', hear)
    stderr.on('data', listen)
    void exit.then(how => {
      if (settled) return
      clearTimeout(timer)
      const late = setTimeout(fail, lastWords, how)
      stderr.once('end', () => {
        clearTimeout(late)
        fail(how)
      })
    })
  })
