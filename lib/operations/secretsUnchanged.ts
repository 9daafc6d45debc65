import { change, type Diff, operation, Unknown, unreadable } from '../operation.ts'
import { sh } from '../sh.ts'
import { printMark, writeMark } from './file/mark.ts'

/** A secret that a service has stored: an edit in the encrypted store alone does not change it. */
export type PinnedSecret = {
  /** Keyed hashes of the current value and, during a rotation, of the previous one. */
  readonly stamps: readonly [string, ...string[]]
  /** The command that rotates it. */
  readonly rotate: string
  /** True: this run rotates it, so any earlier value is accepted. Default false. */
  readonly rotating?: boolean
}

export type SecretsUnchanged = {
  /** The owner of the secrets: an environment, a tool. */
  readonly name: string
  /** Secrets by their names in the store. */
  readonly secrets: Readonly<Record<string, PinnedSecret>>
}

const folder = '/var/lib/brd/kept'

/**
 * These secrets have the values that this host was deployed with, or that a rotation set since.
 * Fails if a secret was edited in the store without being rotated, because the service still
 * expects the old value; the error names the rotation command. The first deploy is trusted.
 */
export const secretsUnchanged = operation('secretsUnchanged', {
  name: ({ name }: SecretsUnchanged) => name,
  probe: ({ name }) => printMark(`${folder}/${name}`, 'none'),
  read: out => {
    const lines = out.stdout.toString().trim().split('\n')
    if (out.exitCode !== 0 || !lines[0]) return unreadable(out)
    return new Map(
      lines.filter(line => line !== 'none').map(line => line.split(' ') as [string, string]),
    )
  },
  plan: (now, { name, secrets }) => {
    const refused = Object.entries(secrets).find(
      ([key, secret]) => !secret.rotating && !isKnown(now.get(key), secret),
    )
    if (refused) return new Unknown(explainRefusal(name, ...refused))
    const diff = Object.entries(secrets).flatMap(([key, secret]) =>
      diffStamp(key, now.get(key), secret),
    )
    const lines = Object.entries(secrets).map(([key, { stamps }]) => `${key} ${stamps[0]}`)
    return change(diff, writeMark(`${folder}/${name}`, sh`${lines}`))
  },
})

const isKnown = (stamp: string | undefined, { stamps }: PinnedSecret): boolean =>
  stamp === undefined || stamps.includes(stamp)

const diffStamp = (key: string, before: string | undefined, { stamps }: PinnedSecret): Diff =>
  before === stamps[0]
    ? []
    : [
        {
          key,
          before: before === undefined ? null : 'the previous value',
          after: 'the value of the store',
        },
      ]

const explainRefusal = (name: string, key: string, { rotate }: PinnedSecret): string =>
  [
    `${key} was changed in the store only, and the service still expects the old value.`,
    `Restore that value and rotate the secret with: ${rotate}`,
    `(if it was never in use on this host, remove ${folder}/${name} there)`,
  ].join(' ')
