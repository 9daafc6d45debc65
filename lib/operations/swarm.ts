import { id, init, join, token } from './docker/swarm.ts'

/** A Docker Swarm: created, its tokens given to others, joined, and who in it this node is. */
export const swarm = { init, token, join, id }
