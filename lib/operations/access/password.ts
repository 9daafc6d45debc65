import { type Change, type Diff, Unknown } from '../../operation.ts'
import { type Sh, sh } from '../../sh.ts'
import { printUnproven, takeBackUnlessProven } from './take-back.ts'

/**
 * Prints whether a password opens the account (`locked`, `empty`, `set`, or `unproven`), and what
 * its user is to
 * this run: `other`, or the login, which has sudo without a password (`free`) or not (`asks`). sudo
 * itself is asked, since a later rule may override an earlier one.
 */
export const printPassword = (name: string): Sh => sh`w=$(getent shadow ${name} | awk -F : '
{print ($2 == "" ? "empty" : ($2 ~ /^[!*]/ ? "locked" : "set"))}')
[ -n "$w" ] || { echo ${`no password of ${name} can be read`} >&2; exit 1; }
[ "\${SUDO_USER:-root}" != ${name} ] || [ -z "$(${printUnproven('account')})" ] || w=unproven
echo "$w"
if [ "\${SUDO_USER:-root}" != ${name} ]; then echo other
elif [ "$w" = locked ] || [ ${name} = root ] ||
  runuser -u ${name} -- sudo -k -n true </dev/null >/dev/null 2>&1; then echo free
else echo asks; fi`

export type Password = {
  readonly password: string
  readonly use: string
}

/** Why the password must not be locked yet, or null. */
export const refuseLock = (name: string, { use }: Password): Unknown | null =>
  use === 'asks'
    ? new Unknown(
        `refused: this run logs in as ${name}, whose sudo asks for the password: ` +
          `first give ${name} sudo without one (sudoers: ${name} ALL=(ALL:ALL) NOPASSWD: ALL), ` +
          'or leave the password as it is',
      )
    : null

/**
 * A change of an account. That of this run's login is kept only if the run can log in anew; `undo`
 * brings back all but the password.
 */
export const changeAccount = (
  name: string,
  { use }: Password,
  diff: Diff,
  apply: Sh,
  undo: Sh = sh``,
): Change | null => {
  if (diff.length === 0) return null
  if (use === 'other') return { diff, apply }
  return {
    diff,
    apply: takeBackUnlessProven({
      name: 'account',
      save: sh`getent shadow ${name} | cut -d : -f 2 >"$w/hash"`,
      change: apply,
      undo: sh`${undo}
read -r hash <"$w/hash"
if [ -n "$hash" ]; then printf '%s:%s\n' ${name} "$hash" | chpasswd --encrypted
else passwd --delete ${name}; fi`,
    }),
    provenByLogin: true,
    seconds: 150,
  }
}
