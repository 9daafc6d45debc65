import { InputError } from '../../lib/errors/input-error.ts'
import type { DockerClient } from '../../lib/images/docker-client.ts'
import type { ImageRequest, OwnImage, PlacedImage } from '../../lib/images/recipes.ts'
import type { LabState } from '../../lib/inventory/lab-state.ts'
import { print } from '../../lib/report/print.ts'
import type { Secret } from '../../lib/secret.ts'

/** The input of a command of scripts/images.ts, which returns the exit code. */
export type ImageTask = {
  readonly asked: ImageRequest
  /** The named images. Empty: the command's own choice. */
  readonly images: readonly OwnImage[]
  readonly lab: LabState | null
  /** Opens Docker on this machine, after all input is checked. */
  readonly client: () => Promise<DockerClient>
  readonly signal: AbortSignal
  readonly check: boolean
  readonly minutes: number
  /** Password of sudo on the hosts. Default: sudo must not ask. */
  readonly sudoPassword?: Secret
}

/** Filters the named images for those that nodes run. */
export const filterPlaced = (images: readonly OwnImage[]): readonly PlacedImage[] => {
  if (images.includes('runtime'))
    throw new InputError({
      place: 'runtime',
      message: 'runs on no node: it is the base of the application',
      next: 'Only build it.',
    })
  return images.length > 0 ? images.filter(of => of !== 'runtime') : ['app', 'walg', 'restic']
}

/** Prints the line for hosts.yaml that pins exactly this image. */
export const printReference = (environment: string, of: PlacedImage, ref: string): void =>
  print(`  in hosts.yaml: environments.${environment}.app.images.${of}: ${ref}`)

/** Formats bytes as megabytes. */
export const megabytes = (bytes: number): string => `${Math.ceil(bytes / 1e6)} MB`
