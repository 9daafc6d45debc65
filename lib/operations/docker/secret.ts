import type { Hmac } from '../../compose/names.ts'
import { change, differences, operation, Unknown } from '../../operation.ts'
import type { Secret } from '../../secret.ts'
import { sh } from '../../sh.ts'
import { found, get, keyed, needsDocker, objectName } from './api.ts'
import { flagsOf } from './config.ts'

export type DockerSecret = Kept | Gone

type Kept = {
  /** Its name; on the cluster `NAME_HASH`, unless `fixed`. */
  readonly name: string
  readonly state?: 'present'
  /** What it holds; 500 kB at most. */
  readonly value: Secret
  /** Names its value: a keyed hash under a key of the encrypted store (`run.hmac`). */
  readonly hmac: Hmac
  /**
   * It has this very name. Swarm cannot change a secret: another value is then an error. Default
   * false: another value is another secret.
   */
  readonly fixed?: boolean
  /** Labels that it has from its creation on. Others are left alone. */
  readonly labels?: Readonly<Record<string, string>>
}
type Gone = {
  /** Its name on the cluster, in full. */
  readonly name: string
  /** It is removed, whoever made it; refused by the swarm while a service uses it. */
  readonly state: 'absent'
}

type Api = { readonly Spec: { readonly Labels?: Readonly<Record<string, string>> | null } }
type Want = Gone | (Kept & { readonly stamp: string })

/** Swarm tells no value: the label holds its keyed hash. */
const stampLabel = 'brd.hmac'

const make = operation('docker.secret', {
  name: ({ name }: Want) => name,
  probe: ({ name }) => sh`${needsDocker}
${get([`/secrets/${name}`])}`,
  read: out => found<Api>(out, 'the secret'),
  plan: (now, want) => {
    const { name } = want
    if (want.state === 'absent')
      return change(
        differences({ secret: now && name }, { secret: null }),
        sh`docker secret rm ${name} >/dev/null`,
      )
    const { value, stamp, labels = {} } = want
    const all = now?.Spec.Labels
    if (now && !all?.[stampLabel])
      return new Unknown(
        'a secret of this name was not made here, and Swarm does not tell its value: give it another name, or remove it',
      )
    const diff = [
      ...(all?.[stampLabel] === stamp
        ? []
        : [{ key: 'value', before: now && 'another', after: value.toString() }]),
      ...differences(keyed('label', all), keyed('label', labels)),
    ]
    if (now && diff.length > 0)
      return new Unknown(
        `a secret of a swarm cannot change (${diff.map(({ key }) => key).join(', ')}): leave out \`fixed\`, or give it another name`,
      )
    return change(
      diff,
      sh`docker secret create ${flagsOf({ ...labels, [stampLabel]: stamp })} ${name} - >/dev/null`,
      { stdin: value },
    )
  },
})

/**
 * A secret of the swarm with this value is there (or is not). On a manager. Its name on the
 * cluster, for services to name, is the operation's `name`.
 */
export const secret = (want: DockerSecret, meta = {}) => {
  if (want.state === 'absent') return make({ ...want, name: objectName('secret', want.name) }, meta)
  const stamp = want.hmac(`docker secret ${want.name}`, want.value).slice(0, 12)
  if (!/^[0-9a-f]{12}$/.test(stamp))
    throw new Error(`secret ${want.name}: hmac gives hex of 12 characters or more`)
  return make(
    {
      ...want,
      stamp,
      name: objectName('secret', want.fixed ? want.name : `${want.name}_${stamp}`),
    },
    meta,
  )
}
