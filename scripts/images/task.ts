import { InputError } from '../../lib/errors/input-error.ts'
import type { DockerClient } from '../../lib/images/client.ts'
import type { ImageRequest, OwnImage, PlacedImage } from '../../lib/images/own.ts'
import type { LabState } from '../../lib/inventory/lab-state.ts'
import type { Secret } from '../../lib/secret.ts'

/** What a command of scripts/images.ts is given. It resolves with the exit code. */
export type ImageTask = {
  readonly asked: ImageRequest
  /** Those that were named; none: the command's own choice. */
  readonly images: readonly OwnImage[]
  readonly lab: LabState | null
  /** Docker on this machine: asked for only once all input is found to be good. */
  readonly client: () => Promise<DockerClient>
  readonly signal: AbortSignal
  readonly check: boolean
  readonly minutes: number
  /** sudo's password on the hosts. Default: sudo must not ask. */
  readonly sudoPassword?: Secret
}

/** The images that nodes run, of those that were named. */
export const filterPlaced = (images: readonly OwnImage[]): readonly PlacedImage[] => {
  if (images.includes('runtime'))
    throw new InputError({
      place: 'runtime',
      message: 'runs on no node: the application is made of it',
      next: 'It is only built.',
    })
  return images.length > 0 ? images.filter(of => of !== 'runtime') : ['app', 'walg']
}

/** A result, for people and programs. */
export const print = (line: string): void => void process.stdout.write(`${line}\n`)

/** Progress, for people. */
export const tell = (line: string): void => void process.stderr.write(`${line}\n`)

/** The line that makes the next deploy take the very image. */
export const printReference = (environment: string, of: PlacedImage, ref: string): void =>
  print(`  in hosts.yaml: environments.${environment}.app.images.${of}: ${ref}`)

/** Bytes as people read them. */
export const megabytes = (bytes: number): string => `${Math.ceil(bytes / 1e6)} MB`
