import type { ComposeMount } from '../../../compose/compose.ts'
import { formatHealth, formatList } from '../../../compose/fact-lines.ts'
import { parseNanoseconds } from '../../../compose/units.ts'
import { OptionError } from '../../../errors/option-error.ts'
import { quote } from '../../../sh.ts'
import { prefixKeys } from '../api.ts'
import type { Published, Running } from './options.ts'

/** A container as lines for the diff and for its label. */
export type ContainerSpec = Readonly<Record<string, string>>

/** Describes the wanted container. What is left to the image has no line. */
export const describeContainer = (want: Running): ContainerSpec => {
  const {
    image,
    entrypoint,
    command,
    env,
    ports = [],
    mounts = [],
    labels,
    user,
    hostname,
    memory,
    cpus,
    readOnly,
    healthcheck,
  } = want
  const lines: Readonly<Record<string, string | undefined>> = {
    image,
    entrypoint,
    command: formatList(command),
    ...prefixKeys('env', env),
    ...Object.fromEntries(
      ports.map(port => [
        `port ${port.target}/${port.protocol ?? 'tcp'} at ${formatAddress(port)}`,
        'published',
      ]),
    ),
    ...Object.fromEntries(mounts.map(mount => [`mount ${mount.target}`, formatMount(mount)])),
    restart: want.restart ?? 'unless-stopped',
    ...prefixKeys('label', labels),
    networks: listNetworks(want).toSorted().join(', '),
    healthcheck: healthcheck && formatHealth(formatHealthcheck(healthcheck)),
    user,
    hostname,
    memory,
    cpus,
    'read-only': readOnly ? 'true' : undefined,
  }
  return Object.fromEntries(
    Object.entries(lines).filter((line): line is [string, string] => line[1] !== undefined),
  )
}

/** Writes the wanted container as options of `docker create`, up to the image. */
export const formatOptions = (want: Running): readonly string[] => {
  const {
    entrypoint,
    env = {},
    ports = [],
    mounts = [],
    labels = {},
    user,
    hostname,
    memory,
    cpus,
    readOnly,
  } = want
  const given = (flag: string, value: string | undefined) =>
    value === undefined ? [] : [flag, value]
  return [
    ...given('--entrypoint', entrypoint),
    ...Object.entries(env).flatMap(([key, value]) => ['--env', `${key}=${value}`]),
    ...ports.flatMap(port => [
      '--publish',
      `${formatAddress(port)}:${port.target}/${port.protocol ?? 'tcp'}`,
    ]),
    ...mounts.flatMap(mount => ['--mount', formatMountOption(mount)]),
    ...['--restart', want.restart ?? 'unless-stopped'],
    ...Object.entries(labels).flatMap(([key, value]) => ['--label', `${key}=${value}`]),
    ...['--network', listNetworks(want)[0] as string],
    ...formatHealthOptions(want.healthcheck),
    ...given('--user', user),
    ...given('--hostname', hostname),
    ...given('--memory', memory),
    ...given('--cpus', cpus),
    ...(readOnly ? ['--read-only'] : []),
  ]
}

export const listNetworks = ({ networks = ['bridge'] }: Running): readonly string[] => networks

/** Checks what Docker would refuse or misread, and returns the container. */
export const checkContainer = (want: Running): Running => {
  const fault = (message: string, next: string) => new OptionError({ message, next })
  for (const { target, ...mount } of want.mounts ?? [])
    if (/[,"\n]/.test(target) || ('source' in mount && /[,"\n]/.test(mount.source)))
      throw fault(`the mount ${target} contains a comma or a quote`, 'use another path')
  for (const key of Object.keys(want.env ?? {}))
    if (!/^[\w.-]+$/.test(key))
      throw fault(
        `${JSON.stringify(key)} is not a variable's name`,
        'use letters, digits, _ . and -',
      )
  if (listNetworks(want).length === 0)
    throw fault('networks is empty', "list at least one, or 'none'")
  if (
    listNetworks(want).length > 1 &&
    listNetworks(want).some(name => name === 'host' || name === 'none')
  )
    throw fault('networks cannot combine host or none with others', 'list it alone')
  const own = Object.keys(want.labels ?? {}).find(key => key.startsWith('brd.'))
  if (own)
    throw fault(`the label ${own} begins with brd., which the runner uses`, 'use another name')
  return want
}

const formatAddress = ({ address, published }: Published): string =>
  address === undefined
    ? `${published}`
    : `${address.includes(':') ? `[${address}]` : address}:${published}`

const formatMount = (mount: ComposeMount): string =>
  mount.type === 'tmpfs'
    ? 'tmpfs'
    : `${mount.type} ${mount.source}${mount.read_only ? ' read-only' : ''}`

const formatMountOption = (mount: ComposeMount): string =>
  mount.type === 'tmpfs'
    ? `type=tmpfs,target=${mount.target}`
    : [
        `type=${mount.type}`,
        `source=${mount.source}`,
        `target=${mount.target}`,
        ...(mount.read_only ? ['readonly'] : []),
      ].join(',')

type Check = Extract<NonNullable<Running['healthcheck']>, { test: unknown }>

const formatHealthcheck = (healthcheck: NonNullable<Running['healthcheck']>) => {
  if ('disable' in healthcheck) return { test: ['NONE'] }
  const { test, retries } = healthcheck
  const ns = (name: 'interval' | 'timeout' | 'start_period') =>
    healthcheck[name] === undefined ? {} : { [name]: parseNanoseconds(healthcheck[name]) }
  return {
    test,
    ...ns('interval'),
    ...ns('timeout'),
    ...(retries === undefined ? {} : { retries }),
    ...ns('start_period'),
  }
}

const formatHealthOptions = (healthcheck: Running['healthcheck']): readonly string[] => {
  if (!healthcheck) return []
  if ('disable' in healthcheck) return ['--no-healthcheck']
  const { test, interval, timeout, retries, start_period }: Check = healthcheck
  const [how, ...rest] = test
  return [
    // The command line takes a shell command only.
    ...['--health-cmd', how === 'CMD-SHELL' ? rest.join(' ') : rest.map(quote).join(' ')],
    ...(interval === undefined ? [] : ['--health-interval', interval]),
    ...(timeout === undefined ? [] : ['--health-timeout', timeout]),
    ...(retries === undefined ? [] : ['--health-retries', String(retries)]),
    ...(start_period === undefined ? [] : ['--health-start-period', start_period]),
  ]
}
