/** Removing folders that programs killed in their middle may have left mounts in. */
import { readFile, rm } from 'node:fs/promises'
import { tryLocal } from '../../lib/images/local-command.ts'

/** The folder is gone; what was mounted below it is unmounted first, never removed through. */
export const removeTree = async (path: string): Promise<void> => {
  await unmountAll(path)
  await rm(path, { recursive: true, force: true, maxRetries: 3 })
}

/** Nothing is mounted on or below the folder. Throws, with what stays, where that cannot be. */
export const unmountAll = async (path: string): Promise<void> => {
  for (const mount of await findMounts(path)) await tryLocal(['umount', '--lazy', mount])
  const left = await findMounts(path)
  if (left.length > 0)
    throw new Error(`${path} still has mounts: ${left.join(', ')}; unmount them, then again`)
}

const findMounts = async (path: string): Promise<string[]> => {
  const mounts = (await readFile('/proc/self/mountinfo', 'utf8'))
    .split('\n')
    .map(line => line.split(' ')[4] ?? '')
  return mounts.filter(mount => mount === path || mount.startsWith(`${path}/`)).reverse()
}
