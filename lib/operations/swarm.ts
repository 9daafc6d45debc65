import { init, join, token } from './docker/swarm.ts'
import { allTaking } from './parts/taking.ts'

/** A Docker Swarm: created, its tokens given to others, joined. */
export const swarm = allTaking('swarm', { init, token, join })
