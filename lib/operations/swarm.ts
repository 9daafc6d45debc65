import { id, init, join, token } from './docker/swarm.ts'

/** A Docker Swarm: created, its tokens given to others, joined, and who in it this node is. */
export const swarm = {
  /** This node is a manager of a swarm. */
  init,
  /** Provides the swarm's join token of a role to the nodes that wait for it; for a manager. */
  token,
  /** This node is in the swarm of that manager. */
  join,
  /** Provides this node's id in its swarm, which is not its name: it is new after each join. */
  id,
}
