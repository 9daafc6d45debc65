import { differences, operation, type Unknown, unreadable } from '../operation.ts'
import { sh } from '../sh.ts'
import { changeAccount, type Password, printPassword, refuseLock } from './access/password.ts'
import { checkAccountName } from './user/account.ts'

export type PasswordLock = {
  /** The user, who exists. */
  readonly user: string
}

/**
 * No password opens the account: neither a login nor sudo. List it after the user's keys and sudo.
 * The password of the user that this run logs in as is locked only if sudo does not ask for it, and
 * it comes back if this run cannot log in anew.
 */
export const passwordLock = operation('passwordLock', {
  check: (want: PasswordLock) => {
    checkAccountName(want.user)
  },
  name: ({ user }: PasswordLock) => user,
  probe: ({ user }) => printPassword(user),
  read: (out): Password | Unknown => {
    const [password = '', use = ''] = out.stdout.toString().split('\n')
    return out.exitCode === 0 && use ? { password, use } : unreadable(out)
  },
  plan: (now, { user }) => {
    const diff = differences({ password: now.password }, { password: 'locked' })
    if (diff.length === 0) return null
    return (
      refuseLock(user, now) ?? changeAccount(user, now, diff, sh`usermod --password '*' ${user}`)
    )
  },
})
