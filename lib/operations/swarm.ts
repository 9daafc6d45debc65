import { init, join, token } from './docker/swarm.ts'

/** A Docker Swarm: created, its tokens given to others, joined. */
export const swarm = { init, token, join }
