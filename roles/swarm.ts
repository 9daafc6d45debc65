import type { Deferred } from '../lib/deferred.ts'
import type { Operation } from '../lib/operation.ts'
import { docker } from '../lib/operations/docker.ts'
import { swarm as operations } from '../lib/operations/swarm.ts'
import { role } from '../lib/role.ts'
import type { Secret } from '../lib/secret.ts'

export type Tokens = { readonly worker: Deferred<Secret>; readonly manager?: Deferred<Secret> }

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
      readonly provides?: Tokens
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
      readonly token: Deferred<Secret>
      /** Its id in the swarm, for what the manager says of it. Default: nobody waits for it. */
      readonly id?: Deferred<string>
    }

/** This node is in the swarm: as its first manager, or joined. */
export const swarm = role(import.meta, 'swarm', (node: Swarm): readonly Operation[] => {
  if (node.as !== 'first')
    return [
      operations.join({
        manager: node.manager,
        advertiseAddress: node.advertise,
        token: node.token,
        role: node.as,
      }),
      ...(node.id ? [operations.id({ provides: node.id })] : []),
    ]
  const { advertise, pool, provides, labels = { 'brd.entry': '1', 'brd.tools': '1' } } = node
  return [
    operations.init({ advertiseAddress: advertise, pool }),
    ...(provides ? [operations.token({ role: 'worker', provides: provides.worker })] : []),
    ...(provides?.manager
      ? [operations.token({ role: 'manager', provides: provides.manager })]
      : []),
    docker.node({ node: 'self', labels }),
  ]
})
