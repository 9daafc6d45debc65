import { change, differences, operation, Unknown, unreadable } from '../operation.ts'
import { type Sh, sh } from '../sh.ts'
import { checkAccountName } from './user/account.ts'

export type Group = {
  /** The group's name. */
  readonly name: string
  /** Default: the next free one; an existing group keeps the current one. */
  readonly gid?: number
  /** Create it with a gid of the system's range. Default false. */
  readonly system?: boolean
  /** Default present. */
  readonly state?: 'present' | 'absent'
}

/** Prints the user of this run's login if it is in the group. */
const printMember = (name: string): Sh => sh`u=\${SUDO_USER:-root}
all=$(id -Gn "$u") || exit 1
case " $all " in *${` ${name} `}*) printf '%s\n' "$u" ;; esac`

/**
 * A group with this name exists, or does not. One that the user of this run's login is in is not
 * removed: sudo and sshd may ask for it.
 */
export const group = operation('group', {
  want: (want: Group) => ({ ...want, name: checkAccountName(want.name) }),
  name: ({ name }: Group) => name,
  makes: ({ name, state }) => (state === 'absent' ? [] : [`group ${name}`]),
  probe: ({ name, state }) =>
    sh`getent group ${name}; r=$?; case $r in 0) ;; 2) echo absent;; *) exit 1;; esac
${state === 'absent' ? printMember(name) : sh``}`,
  read: out => {
    const [line = '', member = ''] = out.stdout.toString().split('\n')
    const [, , gid] = line.split(':')
    return out.exitCode === 0 && line === 'absent'
      ? null
      : out.exitCode === 0 && gid
        ? { gid, member }
        : unreadable(out)
  },
  plan: (now, { name, gid, system, state }) => {
    if (state === 'absent' && now?.member)
      return new Unknown(
        `refused: this run logs in as ${now.member}, who may have sudo or the login by this ` +
          `group: first take ${now.member} out of it, gpasswd --delete ${now.member} ${name}`,
      )
    if (state === 'absent')
      return (
        now && { diff: [{ key: 'group', before: name, after: null }], apply: sh`groupdel ${name}` }
      )
    const flags = [
      ...(gid === undefined ? [] : ['--gid', gid]),
      ...(system && !now ? ['--system'] : []),
    ]
    const diff = differences(now && { group: name, gid: now.gid }, { group: name, gid })
    return change(diff, now ? sh`groupmod ${flags} ${name}` : sh`groupadd ${flags} ${name}`)
  },
})
