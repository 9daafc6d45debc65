import type { Deferred } from '../../deferred.ts'
import { change, type Diff, differences, operation, Unknown, unreadable } from '../../operation.ts'
import { join, type Sh, sh } from '../../sh.ts'
import { needsDocker, prefixKeys } from './api.ts'

export type Node = {
  /** Its host name, or `self` for the manager itself. */
  readonly node: string
  /**
   * Its id in the swarm, which `swarm.id` provides on that host. A host that was set up again
   * under its old name is a new node with a new id. While it is not known, and by default: the only
   * node of this host name, or the only one of them that is ready.
   */
  readonly id?: Deferred<string>
  /** Default: left as it is. */
  readonly role?: 'manager' | 'worker'
  /** `drain`: its tasks move to other nodes. Default: left as it is. */
  readonly availability?: 'active' | 'pause' | 'drain'
  /** Labels for placement; null removes one. Others are left alone. Default none. */
  readonly labels?: Readonly<Record<string, string | null>>
}

/** A node of the swarm, as the manager knows it. */
type Entry = {
  readonly id: string
  readonly state: string
  readonly address: string
  readonly name: string
  readonly spec: {
    readonly Role: string
    readonly Availability: string
    readonly Labels?: Readonly<Record<string, string>> | null
  }
}
type Now = { readonly self: string; readonly nodes: readonly Entry[] }

const format = [
  'node {"id":{{json .ID}}',
  '"state":{{json .Status.State}}',
  '"address":{{json .Status.Addr}}',
  '"name":{{json .Description.Hostname}}',
  '"spec":{{json .Spec}}}',
].join(',')

/**
 * A node of the swarm has this role, availability and labels; for a manager. Nodes that are down
 * and have its host name are removed from the swarm: the host was set up again, and joined as a
 * new node.
 */
export const node = operation('docker.node', {
  name: ({ node }: Node) => node,
  probe: () => sh`${needsDocker}
docker info --format 'self {{.Swarm.NodeID}}' && ids=$(docker node ls --quiet) || exit
i=0
while nodes=$(docker node inspect --format ${format} $ids) || exit; do
  # A manager that has just started has not heard of the others yet: of each within seconds.
  case $nodes in *'"state":"unknown"'*) ;; *) break ;; esac
  i=$((i + 1)); [ $i -lt 12 ] || break; sleep 1
done
printf '%s\nend\n' "$nodes"`,
  read: (out): Now | Unknown => {
    const lines = out.stdout.toString().trim().split('\n')
    if (out.exitCode !== 0 || lines.pop() !== 'end')
      return unreadable(out, 'the nodes cannot be read')
    const [self = '', ...nodes] = lines
    return {
      self: self.replace(/^self /, ''),
      nodes: nodes.map(line => JSON.parse(line.replace(/^node /, '')) as Entry),
    }
  },
  plan: (now, want) => {
    const found = findNode(now, want)
    if (found instanceof Unknown) return found
    const { id, spec, name } = found
    const { role, availability, labels = {} } = want
    const own: Diff = [
      ...differences({ role: spec.Role, availability: spec.Availability }, { role, availability }),
      ...differences(prefixKeys('label', spec.Labels), prefixKeys('label', labels)),
    ]
    const dead = now.nodes.filter(one => one.name === name && one.id !== id && isDown(one))
    const disruptive =
      availability === 'drain' && spec.Availability !== 'drain'
        ? { disruptive: `the tasks of ${want.node} move to other nodes` }
        : {}
    return change(
      [...own, ...dead.map(describeDead)],
      join([
        ...(own.length > 0 ? [updateNode(found, want)] : []),
        ...dead.map(one => removeNode(one)),
      ]),
      { seconds: 60 + 60 * dead.length, ...disruptive },
    )
  },
})

const isReady = ({ state }: Entry): boolean => state === 'ready'
const isDown = ({ state }: Entry): boolean => state === 'down'
const describe = ({ id, state, address }: Entry): string => `${id} at ${address}, ${state}`
const describeDead = (one: Entry) => ({
  key: `dead node ${one.id}`,
  before: `${one.name} at ${one.address}, ${one.spec.Role}`,
  after: null,
})

/** Finds the node: by its id if that is known, otherwise by a host name that only one node has. */
const findNode = ({ self, nodes }: Now, { node, id }: Node): Entry | Unknown => {
  const named = nodes.filter(({ name }) => name === node)
  const given = node === 'self' ? self : id?.get()
  // A name that one node has needs no id: it is not waited for.
  const known = given instanceof Unknown && named.length === 1 ? undefined : given
  if (known instanceof Unknown) return known
  if (known !== undefined) {
    const found = nodes.find(one => one.id === known)
    if (!found)
      return new Unknown(
        `${node} says that it is the node ${known}, which this swarm does not have: ` +
          'it is in another swarm, and has to leave it first (docker swarm leave)',
      )
    return isReady(found) ? found : new Unknown(`the node is ${found.state}`)
  }
  const ready = named.filter(isReady)
  if (ready.length === 1) return ready[0] as Entry
  if (ready.length > 1)
    return new Unknown(
      `${ready.length} nodes have this host name (${ready.map(describe).join('; ')}): ` +
        'give its id, or give one of the hosts another name',
    )
  return named.length > 0
    ? new Unknown(`the node is ${named.map(({ state }) => state).join(', ')}`)
    : new Unknown(
        `no node of the swarm has this host name (there are: ` +
          `${nodes.map(({ name }) => name).join(', ')})`,
      )
}

const updateNode = ({ id, spec }: Entry, { role, availability, labels = {} }: Node): Sh => {
  const changed = Object.entries(labels).filter(
    ([key, value]) => (spec.Labels?.[key] ?? null) !== value,
  )
  const options = [
    ...(role === undefined || role === spec.Role ? [] : ['--role', role]),
    ...(availability === undefined || availability === spec.Availability
      ? []
      : ['--availability', availability]),
    ...changed.flatMap(([key, value]) =>
      value === null ? ['--label-rm', key] : ['--label-add', `${key}=${value}`],
    ),
  ]
  return sh`id=${id}
docker node update ${options} "$id" >/dev/null || exit
${role === 'manager' && spec.Role !== role ? reachable : sh`:`}`
}

const managerState = sh`docker node inspect \
  --format '{{with .ManagerStatus}}{{.Reachability}}{{end}}' "$id"`

// Docker refuses to demote a manager that has not come up yet, so wait before the next change.
const reachable = sh`i=0
until [ "$(${managerState})" = reachable ]; do
  i=$((i + 1)); [ $i -lt 45 ] || { echo 'it has not come up as a manager' >&2; exit 1; }; sleep 1
done`

/** Removes a node that is down. Docker refuses one that has come back meanwhile. */
const removeNode = ({ id, spec }: Entry): Sh => sh`id=${id}
${spec.Role === 'manager' ? demoted : sh`:`}
docker node rm "$id" >/dev/null || exit`

const demoted = sh`docker node demote "$id" >/dev/null || exit
i=0
while [ -n "$(${managerState})" ]; do
  i=$((i + 1)); [ $i -lt 45 ] || { echo "$id is still a manager" >&2; exit 1; }; sleep 1
done`
