import { type ClusterName, clusterHosts, requirements } from './requirements.ts'
import { isLive } from './select.ts'

/** What of the lab must be ready: nothing, its hosts, or the images in its registry too. */
export type Need = 'nothing' | 'hosts' | 'images'

/** A test file with what it needs. */
export type TestTask = {
  readonly file: string
  /** Hosts that no other file may use meanwhile. `*` is the whole lab. */
  readonly hosts: readonly string[]
  /** Clusters that it shares with other files. */
  readonly clusters: readonly ClusterName[]
  readonly needs: Need
}

/** The task of a test file, from the table of requirements. */
export const makeTask = (file: string): TestTask => {
  const { hosts, clusters = [], images = true } = requirements.get(file) ?? {}
  const live = isLive(file)
  const shared = clusters.flatMap(name => clusterHosts[name])
  return {
    file,
    hosts: hosts ?? (shared.length > 0 ? shared : live ? ['*'] : []),
    clusters,
    needs: live ? (images ? 'images' : 'hosts') : 'nothing',
  }
}

/** The tasks in the order of the table; those that are not in it come last. */
export const orderTasks = (tasks: readonly TestTask[]): TestTask[] => {
  const table = [...requirements.keys()]
  const rank = ({ file }: TestTask): number => {
    const at = table.indexOf(file)
    return at < 0 ? table.length : at
  }
  return tasks.toSorted((a, b) => rank(a) - rank(b))
}

type Claim = Pick<TestTask, 'hosts' | 'clusters'>

/** Whether two tasks need the same host. */
const overlaps = (one: readonly string[], other: readonly string[]): boolean =>
  (one.includes('*') && other.length > 0) ||
  (other.includes('*') && one.length > 0) ||
  one.some(host => other.includes(host))

/**
 * The first task that can begin: no running task uses one of its hosts, and no raised cluster that
 * another task still waits for is on them.
 */
export const findNextTask = <T extends Claim>(
  ready: readonly T[],
  running: readonly Claim[],
  pending: readonly Claim[] = [],
  raised: ReadonlySet<ClusterName> = new Set(),
): T | undefined =>
  ready.find(task => {
    const kept = pending
      .filter(other => other !== task)
      .flatMap(other => other.clusters)
      .filter(name => raised.has(name) && !task.clusters.includes(name))
      .flatMap(name => clusterHosts[name])
    return !overlaps(task.hosts, kept) && !running.some(({ hosts }) => overlaps(task.hosts, hosts))
  })
