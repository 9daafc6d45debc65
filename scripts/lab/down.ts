/** Taking the lab down: only what is labelled as the lab's is touched. */

import { labPath, type Say } from '../../lib/inventory/lab-home.ts'
import { forgetState } from '../../lib/inventory/lab-state.ts'
import { findAnsweringEngine, findEngine, isUsersEngine, type LabDocker } from './engine.ts'
import { withLabLock } from './lock.ts'
import { label } from './network.ts'
import * as own from './own-engine.ts'
import { removeTree } from './remove-tree.ts'

type Options = {
  /** The caches go, too: images, packages, keys. Default: they stay, for the next `up`. */
  purge?: boolean
}

/**
 * No container, network or volume of the lab is left, nor the engine that it started. Caches stay,
 * unless purged.
 */
export const down = (say: Say, { purge = false }: Options = {}): Promise<void> =>
  withLabLock('lab', 'lab down', () =>
    withLabLock('images', 'lab down', () => takeDown(say, purge)),
  )

const takeDown = async (say: Say, purge: boolean): Promise<void> => {
  await forgetState()
  // A dead engine of the lab's own is started once more: what it keeps on disk would come back with
  // the next `up`.
  const docker = own.isChosen() ? await findEngine().catch(() => null) : await findAnsweringEngine()
  if (docker) await removeAll(docker, say)
  if (docker && purge && (await isUsersEngine())) await removeImages(docker)
  say("the lab's own Docker engine: stopping, if one runs")
  await own.stopEngine()
  if (!purge) return
  say(`${labPath()}: removing`)
  await removeTree(labPath())
}

const removeAll = async (docker: LabDocker, say: Say): Promise<void> => {
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

const removeImages = async (docker: LabDocker): Promise<void> => {
  const images = (await docker(['images', '--quiet', '--filter', `label=${label}`]))
    .split('\n')
    .filter(Boolean)
  if (images.length > 0) await docker(['rmi', '--force', ...new Set(images)])
}
