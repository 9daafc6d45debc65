import { change, differences, operation, Unknown, unreadable } from '../../operation.ts'
import { sh } from '../../sh.ts'
import { formatChanges, needsDocker } from './api.ts'

export type Network = {
  /** Its name, which stacks use to refer to it as an external network. */
  readonly name: string
  /** Default: the next subnet of the swarm's pool. */
  readonly subnet?: string
  /**
   * MTU in bytes. On an underlay of less than 1500 bytes set its MTU less 50. Default 1500, less
   * what the overlay needs.
   */
  readonly mtu?: number
  /**
   * True: what goes between two nodes is encrypted, which takes ESP in their kernels, and the
   * protocol ESP in the firewalls between them. A kernel without it is an error: the network would
   * carry nothing. Default false.
   */
  readonly encrypted?: boolean
  /** True: containers outside of services may join. Default false. */
  readonly attachable?: boolean
  /** True: without access to other networks. Default false. */
  readonly internal?: boolean
}

type Api = {
  readonly Driver: string
  readonly Scope: string
  readonly Attachable: boolean
  readonly Internal: boolean
  readonly Options?: Readonly<Record<string, string>> | null
  readonly IPAM: { readonly Config?: readonly { readonly Subnet?: string }[] | null }
}
const mtuOption = 'com.docker.network.driver.mtu'
// modprobe knows what is built in, too.
const askEsp = sh`[ -e /sys/module/esp4 ] || modprobe --quiet --dry-run esp4 2>/dev/null || {
  echo 'esp absent'
  exit 0
}`
const format = ['Driver', 'Scope', 'Attachable', 'Internal', 'Options', 'IPAM']
  .map(field => `"${field}":{{json .${field}}}`)
  .join(',')

/**
 * An overlay network that stacks share exists in the swarm; for a manager. Docker cannot change a
 * network: one of this name with other properties is an error.
 */
export const network = operation('docker.network', {
  name: ({ name }: Network) => name,
  // Leaves out what changes as containers come and go.
  probe: ({ name, encrypted = false }) => sh`${needsDocker}
[ "$(docker info --format '{{.Swarm.ControlAvailable}}')" = true ] || {
  echo 'this node is not a manager of a swarm' >&2
  exit 3
}
${encrypted ? askEsp : sh``}
# The filter matches parts of names, and takes no anchors for networks of a swarm.
all=$(docker network ls --filter ${`name=${name}`} --format '{{.Name}} {{.ID}}') || exit
id=$(printf '%s\n' "$all" | awk -v name=${name} '$1 "" == name "" { print $2 }')
[ -n "$id" ] || { echo absent; exit 0; }
docker network inspect --format ${`{${format}}`} $id`,
  read: out => {
    const lines = out.stdout.toString().trim().split('\n')
    if (out.exitCode !== 0 || !lines[0]) return unreadable(out, 'the network cannot be read')
    const esp = lines[0] === 'esp absent' ? lines.shift() : undefined
    if (esp)
      return new Unknown(
        'the kernel has no ESP; without it an encrypted network carries nothing between nodes: ' +
          'install its module (esp4), or leave the network unencrypted',
      )
    if (lines.length > 1) return new Unknown(`there are ${lines.length} networks of this name`)
    return lines[0] === 'absent' ? null : (JSON.parse(lines[0]) as Api)
  },
  plan: (now, want) => {
    const diff = differences(now && describeNetwork(now, want), {
      driver: 'overlay',
      attachable: want.attachable ?? false,
      internal: want.internal ?? false,
      encrypted: want.encrypted ?? false,
      mtu: want.mtu,
      subnet: want.subnet,
    })
    if (now && diff.length > 0)
      return new Unknown(
        `Docker cannot change a network (${formatChanges(diff)}): ` +
          'remove it, or declare it as it is',
      )
    const options = [
      ...(want.attachable ? ['--attachable'] : []),
      ...(want.internal ? ['--internal'] : []),
      ...(want.encrypted ? ['--opt', 'encrypted'] : []),
      ...(want.subnet === undefined ? [] : ['--subnet', want.subnet]),
      ...(want.mtu === undefined ? [] : ['--opt', `${mtuOption}=${want.mtu}`]),
    ]
    return change(
      diff,
      sh`docker network create --driver overlay ${options} ${want.name} >/dev/null`,
    )
  },
})

const describeNetwork = (now: Api, want: Network) => ({
  driver: now.Scope === 'swarm' ? now.Driver : `${now.Driver} (${now.Scope})`,
  attachable: now.Attachable,
  internal: now.Internal,
  encrypted: 'encrypted' in (now.Options ?? {}),
  mtu: now.Options?.[mtuOption] ?? null,
  subnet: want.subnet === undefined ? undefined : now.IPAM.Config?.[0]?.Subnet,
})
