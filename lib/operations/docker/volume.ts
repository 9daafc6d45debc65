import { change, type Diff, differences, operation, Unknown } from '../../operation.ts'
import { type Sh, sh } from '../../sh.ts'
import { checkName, formatChanges, needsDocker, prefixKeys, queryApi, readFirst } from './api.ts'

export type Volume = {
  /** Its name: `STACK_NAME` for a stack's volume. */
  readonly name: string
  /**
   * `absent` removes it with its data; refused while a container, running or not, uses it. Default
   * present.
   */
  readonly state?: 'present' | 'absent'
  /** Default local: a folder in Docker's data folder. */
  readonly driver?: string
  /**
   * Options of the driver: `{ type: 'nfs', o: 'addr=…', device: ':/srv' }`. Default: left as they
   * are.
   */
  readonly options?: Readonly<Record<string, string>>
  /** Labels to set when it is created. Others are left alone. */
  readonly labels?: Readonly<Record<string, string>>
}

type Api = {
  readonly Driver: string
  readonly Options?: Readonly<Record<string, string>> | null
  readonly Labels?: Readonly<Record<string, string>> | null
}
type Now = { readonly volume: Api | null; readonly users: readonly string[] }

/**
 * This node has a volume with this driver and these labels. Docker cannot change a volume: one of
 * this name with other properties is an error, and its data stay.
 */
export const volume = operation('docker.volume', {
  want: (want: Volume) => ({ ...want, name: checkName('volume', want.name) }),
  name: ({ name }: Volume) => name,
  probe: ({ name }) => sh`${needsDocker}
${printUsers('volume', name)}
${queryApi([`/volumes/${name}`])}`,
  read: (out): Now | Unknown => {
    const volume = readFirst<Api>(out, 'the volume')
    return volume instanceof Unknown ? volume : { volume, users: readUsers(out.stdout) }
  },
  plan: ({ volume, users }, want) => {
    if (want.state === 'absent') return planRemoval(volume, users, want)
    const diff = diffVolume(volume, want)
    if (volume && diff.length > 0)
      return new Unknown(
        `Docker cannot change a volume (${formatChanges(diff)}): ` +
          'declare it as it is, or copy its data and remove it',
      )
    const { name, driver = 'local', options = {}, labels = {} } = want
    const flags = [
      ...['--driver', driver],
      ...Object.entries(options).flatMap(([key, value]) => ['--opt', `${key}=${value}`]),
      ...Object.entries(labels).flatMap(([key, value]) => ['--label', `${key}=${value}`]),
    ]
    return change(diff, sh`docker volume create ${flags} ${name} >/dev/null`)
  },
})

const planRemoval = (now: Api | null, users: readonly string[], { name }: Volume) => {
  if (now && users.length > 0) return new Unknown(`${users.join(', ')} uses it: remove that first`)
  return change(
    differences({ volume: now && name }, { volume: null }),
    sh`docker volume rm ${name} >/dev/null`,
  )
}

const diffVolume = (now: Api | null, { driver = 'local', options, labels = {} }: Volume): Diff => {
  const others = Object.keys(now?.Options ?? {}).filter(key => options && !(key in options))
  const gone = Object.fromEntries(others.map(key => [key, null]))
  return differences(
    now && {
      driver: now.Driver,
      ...prefixKeys('option', now.Options),
      ...prefixKeys('label', now.Labels),
    },
    {
      driver,
      ...prefixKeys('option', { ...options, ...gone }),
      ...prefixKeys('label', labels),
    },
  )
}

/** Prints a line `used NAME` for each container, running or not, of this volume or image. */
export const printUsers = (filter: 'volume' | 'ancestor', name: string): Sh =>
  sh`users=$(docker ps --all --filter ${`${filter}=${name}`} --format 'used {{.Names}}') || exit
[ -z "$users" ] || printf '%s\n' "$users" | sort`

/** Reads what `usersOf` printed. */
export const readUsers = (stdout: Buffer): readonly string[] =>
  [...stdout.toString().matchAll(/^used (.+)$/gm)].map(([, name = '']) => name)
