import type { Hmac } from '../../compose/names.ts'
import { OptionError } from '../../errors/option-error.ts'
import { change, differences, operation, Unknown } from '../../operation.ts'
import type { Secret } from '../../secret.ts'
import { sh } from '../../sh.ts'
import { checkName, needsDocker, prefixKeys, queryApi, readNamed } from './api.ts'
import { formatLabels } from './config.ts'

export type DockerSecret = Kept | Gone

type Kept = {
  /** Its name; on the cluster `NAME_HASH`, unless `fixed`. */
  readonly name: string
  readonly state?: 'present'
  /** Its value, 500 kB at most. */
  readonly value: Secret
  /** Makes a keyed hash of the value with a key of the encrypted store: `run.hmac`. */
  readonly hmac: Hmac
  /**
   * True: use `name` unchanged. Swarm cannot change a secret, so a new value is then an error.
   * False: a new value makes a new secret. Default false.
   */
  readonly fixed?: boolean
  /** Labels to set when it is created. Others are left alone. */
  readonly labels?: Readonly<Record<string, string>>
}
type Gone = {
  /** Its name on the cluster, in full. */
  readonly name: string
  /** Removes it, whoever made it. The swarm refuses that while a service uses it. */
  readonly state: 'absent'
}

type Api = {
  readonly ID: string
  readonly Spec: {
    readonly Name: string
    readonly Labels?: Readonly<Record<string, string>> | null
  }
}
type Want = Gone | (Kept & { readonly stamp: string })

/** Swarm never shows a value, so this label holds its keyed hash. */
const stampLabel = 'brd.hmac'

/**
 * A secret with this value exists in the swarm; for a manager. Services refer to it by the
 * operation's `name`.
 */
export const secret = operation('docker.secret', {
  want: (want: DockerSecret) => {
    if (want.state === 'absent') return { ...want, name: checkName('secret', want.name) }
    const stamp = want.hmac(`docker secret ${want.name}`, want.value).slice(0, 12)
    if (!/^[0-9a-f]{12}$/.test(stamp))
      throw new OptionError({
        message: 'hmac does not return 12 or more hexadecimal digits',
        next: 'use run.hmac',
      })
    return {
      ...want,
      stamp,
      name: checkName('secret', want.fixed ? want.name : `${want.name}_${stamp}`),
    }
  },
  name: ({ name }: Want) => name,
  probe: ({ name }) => sh`${needsDocker}
${queryApi([`/secrets/${name}`])}`,
  read: (out, { name }) => readNamed<Api>(out, 'the secret', name),
  plan: (now, want) => {
    const { name } = want
    if (want.state === 'absent')
      return change(
        differences({ secret: now && name }, { secret: null }),
        sh`docker secret rm ${now?.ID ?? name} >/dev/null`,
      )
    const { value, stamp, labels = {} } = want
    const all = now?.Spec.Labels
    if (now && !all?.[stampLabel])
      return new Unknown(
        'a secret of this name exists that this operation did not create, ' +
          'and Swarm does not show its value: use another name, or remove it',
      )
    const diff = [
      ...(all?.[stampLabel] === stamp
        ? []
        : [{ key: 'value', before: now && 'another', after: value.toString() }]),
      ...differences(prefixKeys('label', all), prefixKeys('label', labels)),
    ]
    if (now && diff.length > 0)
      return new Unknown(
        `Swarm cannot change a secret (${diff.map(({ key }) => key).join(', ')}): ` +
          'leave out `fixed`, or use another name',
      )
    return change(
      diff,
      sh`docker secret create ${formatLabels({ ...labels, [stampLabel]: stamp })} \
  ${name} - >/dev/null`,
      { stdin: value },
    )
  },
})
