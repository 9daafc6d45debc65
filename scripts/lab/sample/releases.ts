/** The sample application's releases in the lab's registry, for deploys to be tried with. */
import { labPath, type Say } from '../../../lib/inventory/lab-home.ts'
import { provide } from '../images/index.ts'
import type { LabDocker } from '../images/types.ts'
import { withLabLock } from '../lock.ts'
import { nameInMirror, push, readServedDigest } from '../mirror.ts'
import { nameRelease, type ReleaseName, releaseNames } from './release-recipes.ts'

/** The name that compose files write, and the digest that a deploy pins. */
export type Release = { readonly ref: string; readonly digest: string }

/**
 * Builds the releases that are missing and pushes all of them to the registry. Throws if another
 * process is filling the registry.
 */
export const pushReleases = async (
  docker: LabDocker,
  say: Say,
): Promise<Readonly<Record<ReleaseName, Release>>> => {
  await withLabLock('images', 'sample releases', async () => {
    const made = await provide({
      docker,
      cache: labPath('images'),
      say,
      refs: releaseNames.map(nameRelease),
    })
    for (const { ref, image } of made) await push(docker, image, nameInMirror(ref), say)
  })
  return await readReleases()
}

/** Reads the releases that the registry has. Throws if one is missing. */
export const readReleases = async (): Promise<Readonly<Record<ReleaseName, Release>>> => {
  const one = async (name: ReleaseName) =>
    [name, { ref: nameRelease(name), digest: await readServedDigest(nameRelease(name)) }] as const
  return Object.fromEntries(await Promise.all(releaseNames.map(one))) as Record<
    ReleaseName,
    Release
  >
}
