import { change, type Diff, operation, Unknown, unreadable } from '../operation.ts'
import { sh } from '../sh.ts'

/**
 * A secret that what it opens has taken over: there it does not change by being changed in the
 * store.
 */
export type Held = {
  /** Keyed hashes of the value in force, and of the one before it while that is under way. */
  readonly stamps: readonly [string, ...string[]]
  /** The command that changes it where it is used. */
  readonly rotate: string
  /** It is being rotated by this run: whatever was before is left behind. */
  readonly rotating?: boolean
}

export type Kept = {
  /** Whose secrets: an environment, a tool. */
  readonly name: string
  /** By their names in the store. */
  readonly secrets: Readonly<Record<string, Held>>
}

const folder = '/var/lib/brd/kept'

/**
 * These secrets are those that this host was deployed with, or were rotated since. A value that was
 * only changed in the store is refused, with the command that rotates
 * it: what it opens would not know it. The first deploy is believed.
 */
export const kept = operation('kept', {
  name: ({ name }: Kept) => name,
  probe: ({ name }) =>
    sh`cat ${`${folder}/${name}`} 2>/dev/null || { [ ! -e ${`${folder}/${name}`} ] && echo none; }`,
  read: out => {
    const lines = out.stdout.toString().trim().split('\n')
    if (out.rc !== 0 || !lines[0]) return unreadable(out)
    return new Map(
      lines.filter(line => line !== 'none').map(line => line.split(' ') as [string, string]),
    )
  },
  plan: (now, { name, secrets }) => {
    const refused = Object.entries(secrets).find(
      ([of, held]) => !held.rotating && !known(now.get(of), held),
    )
    if (refused) return new Unknown(refusal(name, ...refused))
    const diff = Object.entries(secrets).flatMap(([of, held]) => stamped(of, now.get(of), held))
    const lines = Object.entries(secrets).map(([of, { stamps }]) => `${of} ${stamps[0]}`)
    const path = `${folder}/${name}`
    return change(
      diff,
      sh`mkdir -p ${folder} && printf '%s\n' ${lines} >${`${path}.new`} && mv -f ${`${path}.new`} ${path}`,
    )
  },
})

const known = (stamp: string | undefined, { stamps }: Held): boolean =>
  stamp === undefined || stamps.includes(stamp)

const stamped = (of: string, before: string | undefined, { stamps }: Held): Diff =>
  before === stamps[0]
    ? []
    : [
        {
          key: of,
          before: before === undefined ? null : 'the one before',
          after: 'the one of the store',
        },
      ]

const refusal = (name: string, of: string, { rotate }: Held): string =>
  `${of} was changed in the store alone, and what it opens does not know the new value. It is changed by: ${rotate} (if it was never in use on this host, remove ${folder}/${name} there)`
