import { OptionError } from '../../errors/option-error.ts'
import { join, raw, type Sh, sh } from '../../sh.ts'
import { checkPath, type Path } from '../file/entry.ts'
import { checkAccountName } from '../user/account.ts'

/** The folder, the user and the environment of a command. */
export type Surroundings = {
  /** The folder it runs in. Default `/`. */
  readonly chdir?: Path
  /** Who runs it. Default root. */
  readonly user?: string
  /**
   * Variables besides PATH, HOME and LC_ALL=C. Everybody on the host can read them: a secret goes
   * by stdin. Default: none.
   */
  readonly environment?: Readonly<Record<string, string>>
}

/**
 * The fragment in a subshell with these surroundings and umask 022. Exit 74 if the folder or the
 * user does not exist.
 */
export const surround = (
  { chdir = '/', user, environment = {} }: Surroundings,
  fragment: Sh,
): Sh => {
  const set = Object.entries(environment).map(
    ([name, value]) => sh`${raw(name)}=${value}; export ${raw(name)}; `,
  )
  const all = sh`umask 022; ${join(set, '')}cd ${chdir} || exit 74
${fragment}`
  if (user === undefined)
    return sh`( ${all}
)`
  return sh`( h=$(getent passwd ${user}) || { echo ${`no such user: ${user}`} >&2; exit 74; }
HOME=$(printf '%s\n' "$h" | cut -d : -f 6) USER=${user} LOGNAME=${user}; export HOME USER LOGNAME
set -- sh -c ${all.text}
[ "$(id -un)" = ${user} ] || set -- runuser -u ${user} -- "$@" # which only root may
exec "$@" )`
}

/** Throws if a folder, a user or a variable cannot exist. */
export const checkSurroundings = ({ chdir, user, environment = {} }: Surroundings): void => {
  if (chdir !== undefined && chdir !== '/') checkPath(chdir)
  if (user !== undefined) checkAccountName(user)
  const bad = Object.keys(environment).find(name => !/^[A-Za-z_]\w*$/.test(name))
  if (bad !== undefined)
    throw new OptionError({
      message: `environment: ${JSON.stringify(bad)} is not a variable's name`,
    })
}
