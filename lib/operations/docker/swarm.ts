import type { Deferred } from '../../deferred.ts'
import { change, type Output, operation, Unknown, unreadable } from '../../operation.ts'
import { Secret } from '../../secret.ts'
import { type Sh, sh } from '../../sh.ts'
import { needsDocker, socket } from './api.ts'

/** How this node stands to a swarm. */
type Now = {
  readonly state: string
  readonly manager: boolean
  readonly address: string
  readonly managers: readonly string[]
  readonly pool?: string
  readonly port?: string
}

const fields = [
  '{{.Swarm.LocalNodeState}}',
  '{{.Swarm.ControlAvailable}}',
  '{{.Swarm.NodeAddr}}',
  '{{range .Swarm.RemoteManagers}}{{.Addr}} {{end}}',
  '{{with .Swarm.Cluster}}{{range .DefaultAddrPool}}{{.}} {{end}}{{.SubnetSize}} {{.DataPathPort}}{{end}}',
  '{{.Swarm.Error}}',
].join('{{println}}')

const probe: Sh = sh`${needsDocker}
docker info --format ${fields}`

/**
 * The node's state; unknown with a word for each that needs a person. It is never taken out of a
 * swarm.
 */
const read = (out: Output): Now | Unknown => {
  const [state = '', control, address = '', managers = '', cluster = '', ...error] = out.stdout
    .toString()
    .split('\n')
  if (out.rc !== 0 || state === '') return unreadable(out, 'Docker does not tell its swarm')
  if (state === 'locked')
    return new Unknown(
      'the swarm is locked on this node: `docker swarm unlock`, with the key that its managers keep',
    )
  if (state === 'error')
    return new Unknown(`the node's swarm is in error: ${error.join(' ').trim()}`)
  if (state === 'pending')
    return new Unknown(
      `the node still joins a swarm, and no manager has answered: ${error.join(' ').trim()}`,
    )
  const match = /^(.*) (\d+) (\d+)$/.exec(cluster.trim())
  return {
    state,
    manager: control === 'true',
    address,
    managers: managers.trim().split(' ').filter(Boolean),
    ...(match ? { pool: `${match[1]?.trim()}/${match[2]}`, port: match[3] as string } : {}),
  }
}

export type Init = {
  /** This node's address, which the others reach. */
  readonly advertise: string
  /** Networks that overlays take theirs from. Fixed at init. Default Docker's 10.0.0.0/8. */
  readonly pool?: string
  /** Size of each overlay's network, in bits. Fixed at init. Default 24. */
  readonly bits?: number
  /** UDP port between nodes. Fixed at init. Default 4789. */
  readonly dataPathPort?: number
}

/**
 * This node is a manager of a swarm, which is created where it is in none. In another's swarm as a
 * worker it is left alone, and that is an error.
 */
export const init = operation('swarm.init', {
  name: ({ advertise }: Init) => advertise,
  probe: () => probe,
  read,
  plan: (now, { advertise, pool, bits = 24, dataPathPort }) => {
    if (now.state === 'active')
      return fits(now, {
        advertise,
        ...(pool === undefined ? {} : { pool: `${pool}/${bits}` }),
        dataPathPort,
      })
    const options = [
      ...['--advertise-addr', advertise],
      ...(pool === undefined
        ? []
        : ['--default-addr-pool', pool, '--default-addr-pool-mask-length', bits]),
      ...(dataPathPort === undefined ? [] : ['--data-path-port', dataPathPort]),
    ]
    return change(
      [
        { key: 'swarm', before: null, after: `manager at ${advertise}` },
        ...(pool === undefined ? [] : [{ key: 'pool', before: null, after: pool }]),
      ],
      // It prints the token.
      sh`docker swarm init ${options} >/dev/null`,
      { seconds: 60 },
    )
  },
  probeSeconds: 20,
})

const fits = (
  now: Now,
  want: { advertise: string; pool?: string; dataPathPort: number | undefined },
): Unknown | null => {
  if (!now.manager)
    return new Unknown(
      `this node is a worker of the swarm of ${now.managers.join(', ')}: it is not taken out of it by itself`,
    )
  if (now.address !== want.advertise)
    return new Unknown(
      `this node's address in its swarm is ${now.address}, ${want.advertise} is wanted`,
    )
  if (want.pool !== undefined && now.pool !== undefined && now.pool !== want.pool)
    return new Unknown(
      `the swarm was created with the pool ${now.pool}, which cannot change; ${want.pool} is wanted`,
    )
  if (want.dataPathPort !== undefined && now.port !== String(want.dataPathPort))
    return new Unknown(
      `the swarm was created with the data path port ${now.port}, which cannot change; ${want.dataPathPort} is wanted`,
    )
  return null
}

export type Token = {
  /** What the token makes of the nodes that join with it. */
  readonly role: 'manager' | 'worker'
  /** The value that other hosts wait for. */
  readonly provides: Deferred<Secret>
}

/** The swarm's join token of a role, given to the nodes that wait for it. On a manager. */
export const token = operation('swarm.token', {
  name: ({ role }: Token) => role,
  probe: ({ role }) => sh`${needsDocker}
docker swarm join-token --quiet ${role}`,
  read: (out, { role, provides }) => {
    const value = out.stdout.toString().trim()
    if (out.rc !== 0 || !value.startsWith('SWMTKN-')) return unreadable(out, 'no token')
    // Giving the same again changes nothing, so that reading stays repeatable.
    provides.provide(new Secret(value, `join token for a ${role}`))
    return value
  },
  plan: () => null,
  provides: ({ provides }) => [provides],
})

export type Join = {
  /** Address of a manager, without a port. */
  readonly manager: string
  /** This node's address, which the others reach. */
  readonly advertise: string
  /** Given by `swarm.token` on a manager. */
  readonly token: Deferred<Secret>
  /** What the node becomes; the token must be of that role. */
  readonly role: 'manager' | 'worker'
}

/**
 * This node is in the swarm of that manager. In another's it is left alone, and that is an error.
 * Its role is changed on a manager, by docker.node.
 */
export const join = operation('swarm.join', {
  name: ({ manager }: Join) => manager,
  probe: () => probe,
  read,
  plan: (now, { manager, advertise, token, role }) => {
    const there = `${manager}:2377`
    if (now.state === 'active')
      return now.managers.includes(there)
        ? null
        : new Unknown(
            `this node is in the swarm of ${now.managers.join(', ')}, not of ${there}: it is not taken out of it by itself`,
          )
    const value = token.get()
    if (value instanceof Unknown) return value
    const [before = '', after = ''] = JSON.stringify({
      ListenAddr: '0.0.0.0:2377',
      AdvertiseAddr: advertise,
      RemoteAddrs: [there],
      JoinToken: '|',
    }).split('|')
    return change([{ key: 'swarm', before: null, after: `${role} of ${there}` }], joining, {
      stdin: [before, value, after],
      seconds: 120,
    })
  },
  probeSeconds: 20,
})

/**
 * `docker swarm join` would have the token in its arguments, which every user of the host can read:
 * the API takes it as stdin.
 */
const joining = sh`answer=$(curl --silent --show-error --max-time 60 --unix-socket ${socket} --header 'Content-Type: application/json' --data-binary @- --write-out '\n%{http_code}' http://docker/swarm/join) || exit
i=0
until [ "$(docker info --format '{{.Swarm.LocalNodeState}}')" = active ]; do
  i=$((i + 1)); [ $i -lt 45 ] || { echo "the node has not joined: $answer $(docker info --format '{{.Swarm.LocalNodeState}} {{.Swarm.Error}}')" >&2; exit 1; }
  case $answer in *200|*503) sleep 1 ;; *) i=45 ;; esac
done`
