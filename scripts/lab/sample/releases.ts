/** The sample application's releases in the lab's registry, for deploys to be tried with. */
import { at, type Say } from '../../../lib/inventory/lab-home.ts'
import { provide } from '../images/index.ts'
import type { Docker } from '../images/types.ts'
import { locked } from '../lock.ts'
import { digestOf, mirrored, push } from '../mirror.ts'
import { type ReleaseName, releaseNames, releaseRef } from './release.ts'

/** The name that compose files write, and the digest that a deploy pins. */
export type Release = { readonly ref: string; readonly digest: string }

/**
 * Each release is built where it was not, and in the registry. Throws where another process fills
 * that now.
 */
export const pushReleases = async (
  docker: Docker,
  say: Say,
): Promise<Readonly<Record<ReleaseName, Release>>> => {
  await locked('images', 'sample releases', async () => {
    const made = await provide({
      docker,
      cache: at('images'),
      say,
      refs: releaseNames.map(releaseRef),
    })
    for (const { ref, image } of made) await push(docker, image, mirrored(ref), say)
  })
  return await releases()
}

/** The releases as the registry has them. Throws where one is missing. */
export const releases = async (): Promise<Readonly<Record<ReleaseName, Release>>> => {
  const one = async (name: ReleaseName) =>
    [name, { ref: releaseRef(name), digest: await digestOf(releaseRef(name)) }] as const
  return Object.fromEntries(await Promise.all(releaseNames.map(one))) as Record<
    ReleaseName,
    Release
  >
}
