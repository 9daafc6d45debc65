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
  /** Docker Engine is installed from one source, runs with these settings and starts at boot. */
  engine,
  /** daemon.json has exactly these settings and Docker uses them. */
  daemon,
  /**
   * A user of the host is logged in to a registry, with a config.json that only this user can read.
   */
  login,
  /**
   * This node has an image: pulled by its exact name, built from a folder of the host, or loaded
   * from a file.
   */
  image,
  /** This node has a volume with this driver and these labels. */
  volume,
  /** A container outside of the swarm runs as described. */
  container,
  /** This node has no unused images and no stopped containers older than this many days. */
  prune,
  /** An overlay network that stacks share exists in the swarm; for a manager. */
  network,
  /** A node of the swarm has this role, availability and labels; for a manager. */
  node,
  /** A config with this content exists in the swarm; for a manager. */
  config,
  /** A secret with this value exists in the swarm; for a manager. */
  secret,
}
export type { Engine } from './docker/engine.ts'
