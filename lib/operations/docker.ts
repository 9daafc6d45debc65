import { container } from './docker/container.ts'
import { daemon } from './docker/daemon.ts'
import { engine } from './docker/engine.ts'
import { image } from './docker/image.ts'
import { network } from './docker/network.ts'
import { node } from './docker/node.ts'
import { volume } from './docker/volume.ts'

/** Docker Engine and its settings; images, volumes and containers of a node; the networks and nodes of a swarm. */
export const docker = { engine, daemon, image, volume, container, network, node }
export type { Engine } from './docker/engine.ts'
