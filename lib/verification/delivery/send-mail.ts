import { spawn } from 'node:child_process'
import { makeSafe } from '../../report/sanitize.ts'
import { type Mail, renderMail } from './render-mail.ts'

/** Where sendmail is, and how long it may take. */
export type SendmailOptions = {
  /** Default: `/usr/sbin/sendmail`. */
  readonly program?: string
  /** Default: 60. */
  readonly seconds?: number
}

/**
 * Sends a mail through this machine's sendmail: it has accepted it when this returns. Whether it
 * arrives, only its log says.
 */
export const sendMail = (
  mail: Mail,
  { program = '/usr/sbin/sendmail', seconds = 60 }: SendmailOptions = {},
): Promise<string> =>
  new Promise((resolve, reject) => {
    const text = renderMail(mail)
    const fail = (why: string): void => reject(new Error(`${program}: ${why}`))
    const child = spawn(program, ['-t', '-i'], { stdio: ['pipe', 'ignore', 'pipe'] })
    const limit = setTimeout(() => {
      fail(`no end within ${seconds} s`)
      child.kill('SIGKILL')
      child.stderr.destroy() // what it began may hold it
    }, seconds * 1000)
    let said = ''
    child.stderr.on('data', chunk => (said = `${said}${chunk}`.slice(0, 2000)))
    child.stdin.on('error', () => {}) // that it did not read all shows in its exit code
    child.on('error', (error: NodeJS.ErrnoException) => {
      clearTimeout(limit)
      fail(error.code === 'ENOENT' ? 'it is not installed' : `it did not start (${error.code})`)
    })
    child.on('close', (code, signal) => {
      clearTimeout(limit)
      const why = makeSafe(said.trim().split('\n')[0] ?? '')
      if (code === 0) resolve(`accepted for ${mail.to.join(', ')}`)
      else fail(`exit code ${code ?? signal}${why === '' ? '' : `: ${why}`}`)
    })
    child.stdin.end(text)
  })
