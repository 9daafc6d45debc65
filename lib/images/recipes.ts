import { dirname, join, resolve } from 'node:path'
import { parseImage } from '../compose/image.ts'
import { InputError } from '../errors/input-error.ts'
import type { Environment } from '../inventory/inventory.ts'

/**
 * The images that the project builds, in this order: PHP with the entry point, the base of an
 * application; wal-g with the server's mariadb-backup; restic; the application.
 */
export const ownImages = ['runtime', 'walg', 'restic', 'app'] as const
export type OwnImage = (typeof ownImages)[number]
/** The images that nodes run. */
export type PlacedImage = Exclude<OwnImage, 'runtime'>

/** The base image in the Dockerfile of an application. */
export const runtimeImage = 'brd/app:8.2'

/** How an image is built. */
export type ImageRecipe = {
  readonly of: OwnImage
  /** Its name, with a tag and without a digest. */
  readonly ref: string
  /** The folder of its Dockerfile. */
  readonly folder: string
  /** Build arguments. */
  readonly arguments: Readonly<Record<string, string>>
  /** Programs that `fetch` puts next to the Dockerfile. Default none. */
  readonly programs?: readonly string[]
  /** The place in hosts.yaml that names the folder. */
  readonly place?: string
}

/** The environment whose images are built or sent, and how. */
export type ImageRequest = {
  readonly entry: Environment
  /** A tag for the application. Default: that of hosts.yaml. */
  readonly release?: string | undefined
  /** The project's folder. */
  readonly root: string
  /** The inventory's file, to which the application's folder is relative. */
  readonly file: string
  /** Finds the place in hosts.yaml of an option of the environment. */
  readonly place: (option: string) => string
  /** Finds the name of another image on this engine: the lab has its own names. */
  readonly here: (ref: string) => string
}

/** Builds the recipe of an image. Throws an InputError if hosts.yaml lacks a setting for it. */
export const buildRecipe = (of: OwnImage, asked: ImageRequest): ImageRecipe => {
  const { entry, root, file, place, here } = asked
  const own = (folder: string) => join(root, 'roles/environment/images', folder)
  const { images, build } = entry.vars.app
  if (of === 'runtime')
    return { of, ref: runtimeImage, folder: own('app'), arguments: {}, programs: ['supercronic'] }
  const ref = nameImage(of, asked)
  if (of === 'walg')
    return {
      of,
      ref,
      folder: own('walg'),
      arguments: { MARIADB: here(images.mariadb) },
      programs: ['wal-g', 'supercronic'],
    }
  if (of === 'restic')
    return { of, ref, folder: own('restic'), arguments: {}, programs: ['supercronic'] }
  if (build.context === undefined)
    throw new InputError({
      place: `environments.${entry.name}`,
      message: 'app.build.context is required: it names the folder of the application',
      next:
        'Set app.build.context, for this environment or in all.app. Or build the image ' +
        'elsewhere, and only push or carry it here.',
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

/** Returns the name of an image with its tag, without a digest. `release` is a tag for `app`. */
export const nameImage = (
  of: OwnImage,
  { entry, release, place }: Pick<ImageRequest, 'entry' | 'release' | 'place'>,
): string => {
  if (of === 'runtime') return runtimeImage
  const ref = entry.vars.app.images[of]
  if (ref === undefined)
    throw new InputError({
      place: `environments.${entry.name}`,
      message: `app.images.${of} is required`,
      next: 'Examples: localhost/shop:v1 (carried to the nodes), or registry.example/shop:v1.',
    })
  const { repository, tag: written } = parseImage(ref)
  const tag = of === 'app' ? (release ?? written) : written
  if (tag !== undefined) return `${repository}:${tag}`
  throw new InputError({
    place: place(`app.images.${of}`),
    message: `${ref} has a digest and no tag to build it under`,
    next:
      of === 'app' ? 'Add one: --release v12.' : `Write it with both: ${repository}:TAG@sha256:…`,
  })
}
