import type { Secret } from '../../secret.ts'
import { quote } from '../../sh.ts'
import { type Connection, type Process, Unreachable } from '../connection.ts'
import { type Failed, prompt, READY, waitForStart } from './await-start.ts'

/** How the login user becomes root: it is root (`no`), or through sudo. */
export type Become = {
  readonly become: 'no' | 'sudo'
  /** The user's password, given to sudo only when it asks. Default: none, and sudo must not ask. */
  readonly password?: Secret
  /** Seconds that the shell may take to start. Default 15. */
  readonly seconds?: number
}

/** The host answers, but we did not become root there: a failure of the host. */
export class BecomeError extends Error {
  readonly host: string
  /** What the operator can do. */
  readonly next: string | undefined
  constructor(host: string, message: string, next?: string) {
    super(`${host}: ${message}`)
    this.name = 'BecomeError'
    this.host = host
    this.next = next
  }
}

/**
 * The command line that starts the shell. With a password sudo forgets what it was told before
 * (`-k`), so that it asks, or needs
 * none; it asks on stderr with our word and reads stdin. The password itself is in no argument and
 * no environment.
 */
export const buildRootCommand = ({ become, password }: Become, boot: string): string => {
  if (/['\\\n]/.test(boot))
    throw new Error(
      'the boot line must pass any login shell unread: no single quotes, backslashes, newlines',
    )
  const shell = `sh -c 'echo ${READY}; ${boot}'`
  if (become === 'no') return shell
  return `env LC_ALL=C sudo ${password ? `-k -S -p ${quote(prompt)}` : '-n'} ${shell}`
}

/**
 * A root shell that runs `boot` and has started: what is read from its stdout is boot's own. The
 * password travels alone, and only
 * when sudo asks: where it needs none, nobody takes it for input. Rejects with BecomeError, which
 * says why, or with Unreachable.
 */
export const openRootShell = async (
  connection: Connection,
  become: Become,
  boot: string,
): Promise<Process> => {
  // For operations that must not take this key away. It is public; any login shell passes it on.
  const key = connection.key ? `login_key=${connection.key}; ` : ''
  const process = await connection.start(buildRootCommand(become, key + boot))
  // Where there is no sudo, whoever asks for the password is not sudo.
  const failed = await waitForStart(
    process,
    become.become === 'sudo' ? become.password : undefined,
    (become.seconds ?? 15) * 1000,
  )
  if (failed === null) return process
  process.close()
  if (failed.exit?.code === null && failed.exit.signal === null)
    throw new Unreachable(connection.host, 'the link was lost while the shell started')
  const { message, next } = findReason(failed, become)
  throw new BecomeError(connection.host, message, next)
}

/** sudo quotes the command that it refuses: ours is a script, which tells nobody anything. */
const hideCommand = (text: string): string => text.replace(/ -c [^'\n]*/g, ' -c …')

/**
 * Why the shell did not start, told from what sudo (1.8 and later, and sudo-rs) printed in the C
 * locale and how often it asked.
 */
export const findReason = (
  { text, exit, asked }: Failed,
  { become, password }: Become,
): { readonly message: string; readonly next?: string } => {
  const said = hideCommand(text).trim().slice(-300)
  if (become === 'sudo') {
    if (asked > 1 || /incorrect (password|authentication) attempt/i.test(text))
      return { message: 'wrong sudo password', next: 'Run again and type it anew.' }
    if (/(a password|interactive authentication) is required/i.test(text))
      return {
        message: 'sudo asks for a password, and none was given',
        next: 'Give it, or allow the user sudo without one (NOPASSWD).',
      }
    if (
      /not in the sudoers|not allowed to (run|execute)|may not run sudo|I'm sorry .* afraid/i.test(
        text,
      )
    )
      return {
        message: `sudo does not allow this user a root shell: ${said}`,
        next: 'Add the user to the sudo group, or a file for it to /etc/sudoers.d.',
      }
    if (/must have a tty/i.test(text))
      return {
        message: 'sudo there wants a terminal (requiretty)',
        next: 'Set for this user: Defaults:USER !requiretty',
      }
    if (exit?.code === 127)
      return { message: 'sudo is not installed', next: 'Install sudo there, or log in as root.' }
  }
  if (exit === null)
    return {
      message: `the shell did not start in time${said && `: ${said}`}`,
      next: 'What do the login files of this user wait for?',
    }
  const how = exit.signal ? `was ended by ${exit.signal}` : `ended with exit code ${exit.code}`
  const what = become === 'no' ? 'the shell' : password ? 'sudo with a password' : 'sudo'
  return { message: `${what} ${how}${said && `: ${said}`}` }
}
