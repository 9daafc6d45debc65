import { OptionError } from '../errors/option-error.ts'
import { type Diff, differences, operation, Unknown, unreadable } from '../operation.ts'
import { join, type Sh, sh } from '../sh.ts'
import { changeAccount, type Password, printPassword, refuseLock } from './access/password.ts'
import { lackGroup, lackProgram } from './file/lacks.ts'
import { checkAccountName } from './user/account.ts'

export type User = {
  /** The user's name. */
  readonly name: string
  /** Default: the next free one; an existing user keeps the current one. */
  readonly uid?: number
  /** The primary group. Default: a group with the user's name. */
  readonly group?: string
  /** Other groups of the user; memberships in further groups stay. Default: none. */
  readonly groups?: readonly string[]
  /** Default /bin/bash, for a system user /usr/sbin/nologin; an existing user keeps the shell. */
  readonly shell?: string
  /**
   * Default /home/NAME, for a system user none; an existing user keeps the current one. The folder
   * is not moved.
   */
  readonly home?: `/${string}`
  /** A user for a program: a uid of the system's range, no login. Default false. */
  readonly system?: boolean
  /**
   * Default `locked`: no password opens the account (keys do). `as it is`: a new user has none all
   * the same; `passwordLock` locks it later in the list.
   */
  readonly password?: 'locked' | 'as it is'
  /** Default present. `absent` leaves the files of the user. */
  readonly state?: 'present' | 'absent'
}

type Now = Password & {
  readonly uid: string
  readonly home: string
  readonly shell: string
  readonly group: string
  readonly groups: readonly string[]
}

/**
 * A user with these properties exists, or does not. The user that this run logs in as is not
 * removed, keeps a password that sudo asks for, and is as before if this run cannot log in anew.
 */
export const user = operation('user', {
  check: (want: User) => {
    const names = [want.name, ...(want.groups ?? []), ...(want.group ? [want.group] : [])]
    for (const name of names) checkAccountName(name)
    if (want.name === 'root' && want.state === 'absent')
      throw new OptionError({ message: 'refused: the system needs the user root' })
    for (const path of [want.home, want.shell])
      if (path !== undefined && /[:\n]/.test(path))
        throw new OptionError({
          message: `${JSON.stringify(path)} cannot be written to /etc/passwd`,
          next: 'give a path without a colon or a line break',
        })
  },
  name: ({ name }: User) => name,
  makes: ({ name, home = `/home/${name}`, state }) =>
    state === 'absent' ? [] : [`user ${name}`, `group ${name}`, `folder ${home}`],
  probe: want => {
    const { name } = want
    return sh`${printLacks(want)}
getent passwd ${name}; r=$?; case $r in 0) ;; 2) echo absent; exit 0;; *) exit 1;; esac
id -gn ${name} && id -Gn ${name} || exit 1
${printPassword(name)}`
  },
  read: (out): Now | null | Unknown => {
    const [line = '', group = '', groups = '', password = '', use = 'other'] = out.stdout
      .toString()
      .trimEnd()
      .split('\n')
    if (out.exitCode === 0 && line === 'absent') return null
    const [, , uid = '', , , home = '', shell = ''] = line.split(':')
    return out.exitCode === 0 && uid && group && password
      ? { uid, home, shell, group, groups: groups.split(' '), password, use }
      : unreadable(out)
  },
  plan: (now, want) => {
    const { name, state, uid, group, home, shell, password = 'locked' } = want
    if (state === 'absent' && now && now.use !== 'other')
      return new Unknown(`refused: this run logs in as ${name}: log in as another user`)
    if (state === 'absent')
      return (
        now && { diff: [{ key: 'user', before: name, after: null }], apply: sh`userdel ${name}` }
      )
    const secret = password === 'locked' ? 'locked' : undefined
    const missing = (want.groups ?? []).filter(other => !now?.groups.includes(other))
    const joins: Diff = missing.map(other => ({
      key: `group ${other}`,
      before: null,
      after: 'member',
    }))
    if (!now)
      return {
        diff: [
          ...differences(null, {
            user: name,
            uid,
            group,
            home: pickHome(want),
            shell: pickShell(want),
          }),
          ...joins,
        ],
        apply: addUser(want),
      }
    const diff = differences(
      { ...now, groups: null },
      { uid, group, home, shell, password: secret },
    )
    const refused = diff.some(({ key }) => key === 'password') ? refuseLock(name, now) : null
    if (refused) return refused
    const apply = modifyUser(name, diff, missing)
    return changeAccount(name, now, [...diff, ...joins], apply, restoreUser(name, now, missing))
  },
})

/** Says what the user could not be made with; with a shell that is not there nobody logs in. */
const printLacks = ({ group, groups = [], shell, state }: User): Sh =>
  state === 'absent'
    ? sh`:`
    : join([
        ...[...(group === undefined ? [] : [group]), ...groups].map(lackGroup),
        shell === undefined ? sh`:` : lackProgram(shell),
      ])

const pickHome = ({ name, home, system }: User): string =>
  home ?? (system ? '/nonexistent' : `/home/${name}`)
const pickShell = ({ shell, system }: User): string =>
  shell ?? (system ? '/usr/sbin/nologin' : '/bin/bash')

const addUser = (want: User): Sh => {
  const { name, uid, group, groups = [], home, system } = want
  const flags = [
    ...['--home-dir', pickHome(want), '--shell', pickShell(want), '--password', '*'],
    home === undefined && system ? '--no-create-home' : '--create-home',
    ...(system ? ['--system'] : []),
    ...(uid === undefined ? [] : ['--uid', uid]),
    ...(groups.length > 0 ? ['--groups', groups.join(',')] : []),
  ]
  const own = group
    ? sh`set -- --gid ${group}`
    : sh`if getent group ${name} >/dev/null
then set -- --gid ${name}; else set -- --user-group; fi`
  return sh`${flags.includes('--create-home') ? refuseForeignParent(pickHome(want)) : sh`:`}
${own}
useradd ${flags} "$@" ${name}`
}

/** useradd makes the home as root: nobody else may change the folders that lead to it. */
const refuseForeignParent = (home: string): Sh => sh`p=${home}
while p=\${p%/*}; [ -n "$p" ]; do
  [ ! -e "$p" ] || [ "$(stat -L -c %u "$p")" = 0 ] ||
    { echo "$p is not root's: its owner could lead the new home elsewhere" >&2; exit 1; }
done`

const restoreUser = (name: string, now: Now, groups: readonly string[]): Sh =>
  join([
    sh`usermod --home ${now.home} --shell ${now.shell} --gid ${now.group} ${name}`,
    ...groups.map(group => sh`gpasswd --delete ${name} ${group}`),
  ])

const modifyUser = (name: string, diff: Diff, groups: readonly string[]): Sh => {
  const value = (key: string) =>
    key === 'password' ? '*' : (diff.find(one => one.key === key)?.after ?? '')
  const flag = {
    uid: '--uid',
    group: '--gid',
    home: '--home',
    shell: '--shell',
    password: '--password',
  } as Record<string, string>
  const flags = [
    ...diff.flatMap(({ key }) => [flag[key] as string, value(key)]),
    ...(groups.length > 0 ? ['--append', '--groups', groups.join(',')] : []),
  ]
  return sh`usermod ${flags} ${name}`
}
