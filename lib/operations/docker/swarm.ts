import type { Deferred } from '../../deferred.ts'
import { change, type Output, operation, Unknown, unreadable } from '../../operation.ts'
import { hideSecret, Secret } from '../../secret.ts'
import { type Sh, sh } from '../../sh.ts'
import { needsDocker, socket } from './api.ts'

/** This node's membership in a swarm. */
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
  [
    '{{with .Swarm.Cluster}}',
    '{{range .DefaultAddrPool}}{{.}} {{end}}{{.SubnetSize}} {{.DataPathPort}}',
    '{{end}}',
  ].join(''),
  '{{.Swarm.Error}}',
].join('{{println}}')

const probe: Sh = sh`${needsDocker}
docker info --format ${fields}`

/** Reads the node's state. States that need an operator are unknown, with what to do. */
const readSwarm = (out: Output): Now | Unknown => {
  const [state = '', control, address = '', managers = '', cluster = '', ...error] = out.stdout
    .toString()
    .split('\n')
  if (out.exitCode !== 0 || state === '') return unreadable(out, 'the swarm cannot be read')
  if (state === 'locked')
    return new Unknown(
      'the swarm is locked on this node: run `docker swarm unlock` with the key of its managers',
    )
  if (state === 'error')
    return new Unknown(`the node's swarm is in error: ${error.join(' ').trim()}`)
  if (state === 'pending')
    return new Unknown(
      `the node is still joining a swarm, and no manager has answered: ${error.join(' ').trim()}`,
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
  readonly advertiseAddress: string
  /** The address pool of overlay networks. Fixed at init. Default Docker's 10.0.0.0/8. */
  readonly pool?: string
  /**
   * Prefix length of each overlay network, in bits. Fixed at init. Default 24.
   * @range 1 to 29
   */
  readonly bits?: number
  /** UDP port between nodes. Fixed at init. Default 4789. */
  readonly dataPathPort?: number
}

/**
 * This node is a manager of a swarm. A node outside of any swarm creates one. A worker of another
 * swarm is an error and stays as it is.
 */
export const init = operation('swarm.init', {
  name: ({ advertiseAddress: advertise }: Init) => advertise,
  probe: () => probe,
  read: readSwarm,
  plan: (now, { advertiseAddress: advertise, pool, bits = 24, dataPathPort }) => {
    if (now.state === 'active')
      return findMismatch(now, {
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

const findMismatch = (
  now: Now,
  want: { advertise: string; pool?: string; dataPathPort: number | undefined },
): Unknown | null => {
  if (!now.manager)
    return new Unknown(
      `this node is a worker of the swarm of ${now.managers.join(', ')}: ` +
        'to make it a manager here, run `docker swarm leave` on it first',
    )
  if (now.address !== want.advertise)
    return new Unknown(
      `this node's address in its swarm is ${now.address}, not ${want.advertise}: ` +
        'correct the inventory, or let the node leave the swarm and join again',
    )
  if (want.pool !== undefined && now.pool !== undefined && now.pool !== want.pool)
    return new Unknown(
      `the swarm was created with the pool ${now.pool}, not ${want.pool}, and it cannot change: ` +
        'declare it as it is',
    )
  if (want.dataPathPort !== undefined && now.port !== String(want.dataPathPort))
    return new Unknown(
      `the swarm was created with the data path port ${now.port}, not ${want.dataPathPort}, ` +
        'and it cannot change: declare it as it is',
    )
  return null
}

export type Token = {
  /** The role of nodes that join with the token. */
  readonly role: 'manager' | 'worker'
  /** The value that other hosts wait for. */
  readonly provides: Deferred<Secret>
}

/** Provides the swarm's join token of a role to the nodes that wait for it; for a manager. */
export const token = operation('swarm.token', {
  name: ({ role }: Token) => role,
  probe: ({ role }) => sh`${needsDocker}
docker swarm join-token --quiet ${role}`,
  read: (out, { role, provides }) => {
    const value = out.stdout.toString().trim()
    if (out.exitCode !== 0 || !value.startsWith('SWMTKN-')) return unreadable(out, 'no token')
    // Providing the same value again changes nothing, so reading stays repeatable.
    provides.provide(hideSecret(new Secret(value, `join token for a ${role}`)))
    return value
  },
  plan: () => null,
  provides: ({ provides }) => [provides],
})

export type Id = {
  /** The value that a manager waits for. */
  readonly provides: Deferred<string>
}

/** Provides this node's id in its swarm, which is not its name: it is new after each join. */
export const id = operation('swarm.id', {
  name: (_: Id) => 'self',
  probe: () => sh`${needsDocker}
docker info --format '{{.Swarm.LocalNodeState}} {{.Swarm.NodeID}}'`,
  read: (out, { provides }) => {
    const [state, value] = out.stdout.toString().trim().split(' ')
    if (out.exitCode !== 0 || !state) return unreadable(out, 'the swarm cannot be read')
    if (state !== 'active' || !value) return new Unknown('this node is in no swarm')
    provides.provide(value)
    return value
  },
  plan: () => null,
  provides: ({ provides }) => [provides],
  probeSeconds: 20,
})

export type Join = {
  /** Address of a manager, without a port. */
  readonly manager: string
  /** This node's address, which the others reach. */
  readonly advertiseAddress: string
  /** Provided by `swarm.token` on a manager. */
  readonly token: Deferred<Secret>
  /** The role of the node; the token must be of the same role. */
  readonly role: 'manager' | 'worker'
}

/**
 * This node is in the swarm of that manager. A node of another swarm is an error and stays as it
 * is. To change its role later, use `docker.node` on a manager.
 */
export const join = operation('swarm.join', {
  name: ({ manager }: Join) => manager,
  probe: () => probe,
  read: readSwarm,
  plan: (now, { manager, advertiseAddress: advertise, token, role }) => {
    const there = `${manager}:2377`
    if (now.state === 'active')
      return now.managers.includes(there)
        ? null
        : new Unknown(
            `this node is in the swarm of ${now.managers.join(', ')}, not of ${there}: ` +
              'to move it, run `docker swarm leave` on it first',
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
 * Joins through the API, which takes the token on stdin: every user of the host could read the
 * arguments of `docker swarm join`.
 */
const joining = sh`answer=$(curl --silent --show-error --max-time 60 --unix-socket ${socket} \
  --header 'Content-Type: application/json' --data-binary @- --write-out '\n%{http_code}' \
  http://docker/swarm/join) || exit
i=0
state() { docker info --format '{{.Swarm.LocalNodeState}}'; }
until [ "$(state)" = active ]; do
  i=$((i + 1)); [ $i -lt 45 ] || {
    echo "the node has not joined: $answer $(state) $(docker info --format '{{.Swarm.Error}}')" >&2
    exit 1
  }
  case $answer in *200|*503) sleep 1 ;; *) i=45 ;; esac
done`
