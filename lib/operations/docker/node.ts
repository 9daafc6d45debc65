import { change, differences, operation, Unknown, unreadable } from '../../operation.ts'
import { sh } from '../../sh.ts'
import { needsDocker, prefixKeys } from './api.ts'

export type Node = {
  /** Its host name, or `self` for the manager itself. */
  readonly node: string
  /** Default: left as it is. */
  readonly role?: 'manager' | 'worker'
  /** `drain`: its tasks move to other nodes. Default: left as it is. */
  readonly availability?: 'active' | 'pause' | 'drain'
  /** Labels for placement; null removes one. Others are left alone. Default none. */
  readonly labels?: Readonly<Record<string, string | null>>
}

type Spec = {
  readonly Role: string
  readonly Availability: string
  readonly Labels?: Readonly<Record<string, string>> | null
}

/** A node of the swarm has this role, availability and labels; for a manager. */
export const node = operation('docker.node', {
  name: ({ node }: Node) => node,
  probe: ({ node }) => sh`${needsDocker}
docker node inspect --format '{{.Status.State}} {{json .Spec}}' ${node}`,
  read: out => {
    const [, state, json] = /^(\S+) (.*)$/.exec(out.stdout.toString().trim()) ?? []
    if (out.exitCode !== 0 || !json) return unreadable(out, 'the node cannot be read')
    return state === 'ready' ? (JSON.parse(json) as Spec) : new Unknown(`the node is ${state}`)
  },
  plan: (now, { node, role, availability, labels = {} }) => {
    const diff = [
      ...differences({ role: now.Role, availability: now.Availability }, { role, availability }),
      ...differences(prefixKeys('label', now.Labels), prefixKeys('label', labels)),
    ]
    const changed = Object.entries(labels).filter(
      ([key, value]) => (now.Labels?.[key] ?? null) !== value,
    )
    const options = [
      ...(role === undefined || role === now.Role ? [] : ['--role', role]),
      ...(availability === undefined || availability === now.Availability
        ? []
        : ['--availability', availability]),
      ...changed.flatMap(([key, value]) =>
        value === null ? ['--label-rm', key] : ['--label-add', `${key}=${value}`],
      ),
    ]
    const disruptive =
      availability === 'drain' && now.Availability !== 'drain'
        ? { disruptive: `the tasks of ${node} move to other nodes` }
        : {}
    return change(
      diff, // `update` does not know `self`.
      sh`id=$(docker node inspect --format '{{.ID}}' ${node}) &&
  docker node update ${options} "$id" >/dev/null || exit
${role === 'manager' && now.Role !== role ? reachable : sh`:`}`,
      disruptive,
    )
  },
})

// Docker refuses to demote a manager that has not come up yet, so wait before the next change.
const reachable = sh`i=0
reachability() {
  docker node inspect --format '{{with .ManagerStatus}}{{.Reachability}}{{end}}' "$id"
}
until [ "$(reachability)" = reachable ]; do
  i=$((i + 1)); [ $i -lt 45 ] || { echo 'it has not come up as a manager' >&2; exit 1; }; sleep 1
done`
