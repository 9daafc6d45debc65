/** Taking the lab down: only what is labelled as the lab's is touched. */

import { at, type Say } from '../../lib/inventory/lab-home.ts'
import { forgetState } from '../../lib/inventory/lab-state.ts'
import { answering, type Docker, engine, isUsers } from './engine.ts'
import { locked } from './lock.ts'
import { label } from './network.ts'
import * as own from './own-engine.ts'
import { removeTree } from './tree.ts'

type Options = {
  /** The caches go, too: images, packages, keys. Default: they stay, for the next `up`. */
  purge?: boolean
}

/**
 * No container, network or volume of the lab is left, nor the engine that it started. Caches stay,
 * unless purged.
 */
export const down = (say: Say, { purge = false }: Options = {}): Promise<void> =>
  locked('lab', 'lab down', () => locked('images', 'lab down', () => takeDown(say, purge)))

const takeDown = async (say: Say, purge: boolean): Promise<void> => {
  await forgetState()
  // A dead engine of the lab's own is started once more: what it keeps on disk would come back with
  // the next `up`.
  const docker = (await own.chosen()) ? await engine().catch(() => null) : await answering()
  if (docker) await removeAll(docker, say)
  if (docker && purge && (await isUsers())) await removeImages(docker)
  say("the lab's own Docker engine: stopping, if one runs")
  await own.stop()
  if (!purge) return
  say(`${at()}: removing`)
  await removeTree(at())
}

const removeAll = async (docker: Docker, say: Say): Promise<void> => {
  const ours = async (...list: string[]) =>
    (await docker([...list, '--quiet', '--filter', `label=${label}`])).split('\n').filter(Boolean)
  const containers = await ours('ps', '--all')
  say(`containers: ${containers.length} to remove`)
  if (containers.length > 0) await docker(['rm', '--force', '--volumes', ...containers])
  const volumes = await ours('volume', 'ls')
  if (volumes.length > 0) await docker(['volume', 'rm', '--force', ...volumes])
  const networks = await ours('network', 'ls')
  if (networks.length > 0) await docker(['network', 'rm', ...networks])
}

const removeImages = async (docker: Docker): Promise<void> => {
  const images = (await docker(['images', '--quiet', '--filter', `label=${label}`]))
    .split('\n')
    .filter(Boolean)
  if (images.length > 0) await docker(['rmi', '--force', ...new Set(images)])
}
