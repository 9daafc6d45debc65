import { change, differences, operation, unreadable } from '../operation.ts'
import { sh } from '../sh.ts'
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

/** A group with this name exists, or does not. */
export const group = operation('group', {
  want: (want: Group) => ({ ...want, name: checkAccountName(want.name) }),
  name: ({ name }: Group) => name,
  makes: ({ name, state }) => (state === 'absent' ? [] : [`group ${name}`]),
  probe: ({ name }) =>
    sh`getent group ${name}; r=$?; case $r in 0) ;; 2) echo absent;; *) exit 1;; esac`,
  read: out => {
    const [line = ''] = out.stdout.toString().split('\n')
    const [, , gid] = line.split(':')
    return out.exitCode === 0 && line === 'absent'
      ? null
      : out.exitCode === 0 && gid
        ? { gid }
        : unreadable(out)
  },
  plan: (now, { name, gid, system, state }) => {
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
