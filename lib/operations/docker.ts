import { config } from './docker/config.ts'
import { container } from './docker/container.ts'
import { daemon } from './docker/daemon.ts'
import { engine } from './docker/engine.ts'
import { image } from './docker/image.ts'
import { login } from './docker/login.ts'
import { network } from './docker/network.ts'
import { node } from './docker/node.ts'
import { prune } from './docker/prune.ts'
import { secret } from './docker/secret.ts'
import { volume } from './docker/volume.ts'

/**
 * Docker Engine and its settings; images, volumes, containers and logins of a node; the networks,
 * nodes, configs and secrets of a swarm.
 */
export const docker = {
  engine,
  daemon,
  login,
  image,
  volume,
  container,
  prune,
  network,
  node,
  config,
  secret,
}
export type { Engine } from './docker/engine.ts'
