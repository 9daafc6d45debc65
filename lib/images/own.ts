/** The images that the project makes itself. */
import { dirname, join, resolve } from 'node:path'
import { parseImage } from '../compose/image.ts'
import { InputError } from '../errors/input-error.ts'
import type { Environment } from '../inventory/inventory.ts'

/**
 * PHP with the entry point, which an application is made of; wal-g beside the server's
 * mariadb-backup; the application. In the order in which they are built.
 */
export const ownImages = ['runtime', 'walg', 'app'] as const
export type OwnImage = (typeof ownImages)[number]
/** Those that nodes run. */
export type PlacedImage = Exclude<OwnImage, 'runtime'>

/** What an application's Dockerfile begins with. */
export const runtimeImage = 'brd/app:8.2'

/** How an image is built. */
export type ImageRecipe = {
  readonly of: OwnImage
  /** Its name, with a tag and without a digest. */
  readonly ref: string
  /** Where its Dockerfile is. */
  readonly folder: string
  /** Arguments of the build. */
  readonly arguments: Readonly<Record<string, string>>
  /** A program that stands beside the Dockerfile once `fetch` has put it there. */
  readonly program?: string
  /** Where the folder is written. */
  readonly place?: string
}

export type ImageRequest = {
  readonly entry: Environment
  /** A tag for the application. Default: that of hosts.yaml. */
  readonly release?: string | undefined
  /** The project's folder. */
  readonly root: string
  /** The inventory's file: the application's folder is seen from there. */
  readonly file: string
  /** Where an option of the environment is written. */
  readonly place: (option: string) => string
  /** The name of another image on this engine: the lab has its own. */
  readonly here: (ref: string) => string
}

/** How an image of an environment is built, or an InputError that says what hosts.yaml lacks. */
export const buildRecipe = (of: OwnImage, asked: ImageRequest): ImageRecipe => {
  const { entry, root, file, place, here } = asked
  const own = (folder: string) => join(root, 'roles/environment/images', folder)
  const { images, build } = entry.vars.app
  if (of === 'runtime')
    return { of, ref: runtimeImage, folder: own('app'), arguments: {}, program: 'supercronic' }
  const ref = nameImage(of, asked)
  if (of === 'walg')
    return {
      of,
      ref,
      folder: own('walg'),
      arguments: { MARIADB: here(images.mariadb) },
      program: 'wal-g',
    }
  if (build.context === undefined)
    throw new InputError({
      place: `environments.${entry.name}`,
      message: 'app.build.context is set nowhere: the folder of the application is not known',
      next: 'Set app.build.context, for this environment or in all.app; or build the image elsewhere and only push or carry it here.',
    })
  const folder = resolve(dirname(file), build.context)
  return {
    of,
    ref,
    folder,
    arguments: { ...build.arguments, RELEASE: parseImage(ref).tag ?? '' },
    place: place('app.build.context'),
  }
}

/**
 * The name of an image of the environment with its tag, without a digest. The application's tag may
 * be given.
 */
export const nameImage = (
  of: OwnImage,
  { entry, release, place }: Pick<ImageRequest, 'entry' | 'release' | 'place'>,
): string => {
  if (of === 'runtime') return runtimeImage
  const ref = entry.vars.app.images[of]
  if (ref === undefined)
    throw new InputError({
      place: `environments.${entry.name}`,
      message: `app.images.${of} is set nowhere`,
      next: `Set it, such as localhost/shop:v1 (carried to the nodes) or registry.example/shop:v1.`,
    })
  const { repository, tag: written } = parseImage(ref)
  const tag = of === 'app' ? (release ?? written) : written
  if (tag !== undefined) return `${repository}:${tag}`
  throw new InputError({
    place: place(`app.images.${of}`),
    message: `${ref} has a digest and no tag to build it under`,
    next:
      of === 'app' ? 'Give one: --release v12.' : `Write it with both: ${repository}:TAG@sha256:…`,
  })
}
