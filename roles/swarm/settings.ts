import * as z from 'zod'
import type { Problem } from '../../lib/errors/input-error.ts'
import { declareSettings, format, type InventoryFile, isTree } from '../../lib/settings.ts'

const POOL = '10.64.0.0/14'

/**
 * Finds clusters with an even number of managers or none, and servers inside the pool of overlay
 * networks.
 */
const check = (file: InventoryFile): readonly Problem[] => [
  ...checkManagers(file),
  ...checkPools(file),
]

/** Docker Swarm: its networks, and the place of each server in it. */
export const swarmSettings = declareSettings({
  role: 'swarm',
  settings: {
    /** The swarm of a cluster. */
    swarm: z.strictObject({
      /**
       * Network that overlays take their /24 from; it must not overlap the servers' own networks.
       * Fixed when the swarm is created. Default 10.64.0.0/14.
       */
      pool: format.cidr.default(POOL),
      /**
       * Whether what goes between two servers on overlay networks is encrypted. It needs ESP (IP
       * protocol 50) in the kernels and in every firewall between the servers; the servers' own
       * firewalls let it pass. Fixed when a network is created: false for a cluster that has
       * networks without it. Default true.
       */
      encrypted: z.boolean().default(true),
    }),
  },
  server: {
    /** Whether it is a manager of the swarm. Default: the first server of the cluster is. */
    manager: z.boolean().exactOptional(),
    /** Labels of its swarm node. Default none. */
    labels: z.record(format.words, z.string()).default({}),
  },
  check,
})

type Server = { readonly vars: { readonly manager?: boolean } }

/**
 * The managers of a cluster. If no server is named one, it is the first server that is not named a
 * worker.
 */
export const findManagers = <S extends Server>(servers: readonly S[]): readonly S[] => {
  const named = servers.filter(({ vars }) => vars.manager === true)
  const first = servers.find(({ vars }) => vars.manager !== false)
  return named.length > 0 || first === undefined ? named : [first]
}

const checkManagers = ({ clusters, serversOf, problem }: InventoryFile) =>
  clusters.flatMap(cluster => {
    const servers = serversOf(cluster).map(({ entry }) => entry)
    const count = servers.filter(server => server['manager'] === true).length
    const path = [...cluster.path, 'servers']
    if (servers.length > 0 && servers.every(server => server['manager'] === false))
      return [problem(path, 'none is a manager; a swarm needs one', 'key')]
    return count > 0 && count % 2 === 0
      ? [
          problem(
            path,
            `${count} managers stand no more failures than ${count - 1}; an odd number is needed`,
            'key',
          ),
        ]
      : []
  })

const checkPools = ({ all, clusters, serversOf, problem }: InventoryFile) =>
  clusters.flatMap(cluster => {
    const set = [cluster.entry, all].map(level =>
      isTree(level['swarm']) ? level['swarm']['pool'] : undefined,
    )
    const pool = String(set.find(it => typeof it === 'string') ?? POOL)
    const isInPool = format.matchNetwork(pool)
    return serversOf(cluster)
      .filter(({ entry }) => isInPool(String(entry['address'])))
      .map(({ path, entry }) =>
        problem(
          [...path, 'address'],
          `${entry['address']} lies in the swarm's pool ${pool}; overlay networks would hide it`,
        ),
      )
  })
