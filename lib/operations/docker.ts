import { daemon } from './docker/daemon.ts'
import { engine } from './docker/engine.ts'
import { network } from './docker/network.ts'
import { node } from './docker/node.ts'

/** Docker Engine, its settings, the networks and nodes of a swarm. */
export const docker = { engine, daemon, network, node }
export type { Engine } from './docker/engine.ts'
