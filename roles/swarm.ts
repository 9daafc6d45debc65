import type { Needed, Operation } from '../lib/operation.ts'
import { docker } from '../lib/operations/docker.ts'
import { swarm as operations } from '../lib/operations/swarm.ts'
import type { Secret } from '../lib/secret.ts'

export type Tokens = { readonly worker: Needed<Secret>; readonly manager?: Needed<Secret> }

export type Swarm =
  | {
      /** The first manager creates the swarm and gives the others their tokens. */
      readonly as: 'first'
      /** This node's address, which the others reach. */
      readonly advertise: string
      /**
       * Networks that overlays take theirs from; no server's own network may lie in it. Fixed when
       * the swarm is created.
       */
      readonly pool: string
      /** Tokens that other nodes wait for. Default: nobody joins. */
      readonly gives?: Tokens
      /**
       * Labels for placement. `brd.entry=1`: Traefik runs here. `brd.tools=1`: the tools with a
       * volume do. Default both.
       */
      readonly labels?: Readonly<Record<string, string | null>>
    }
  | {
      readonly as: 'manager' | 'worker'
      readonly advertise: string
      /** Address of the first manager. */
      readonly manager: string
      readonly token: Needed<Secret>
    }

/** This node is in the swarm: as its first manager, or joined. */
export const swarm = (node: Swarm): readonly Operation[] => {
  if (node.as !== 'first')
    return [
      operations.join({
        manager: node.manager,
        advertise: node.advertise,
        token: node.token,
        role: node.as,
      }),
    ]
  const { advertise, pool, gives, labels = { 'brd.entry': '1', 'brd.tools': '1' } } = node
  return [
    operations.init({ advertise, pool }),
    ...(gives ? [operations.token({ role: 'worker', gives: gives.worker })] : []),
    ...(gives?.manager ? [operations.token({ role: 'manager', gives: gives.manager })] : []),
    docker.node({ node: 'self', labels }),
  ]
}
