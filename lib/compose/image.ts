/** The parts of an image name. */
export type ImageReference = {
  /** The registry's host. Default: `docker.io`. */
  readonly host: string
  /** Everything before the tag and the digest, as written. */
  readonly repository: string
  readonly tag?: string
  /** `sha256:` and 64 hex digits. */
  readonly digest?: string
}

/**
 * The host part of images that are carried to the nodes instead of pulled from a registry. Their
 * digest is the image's id, and Docker never asks a registry for them.
 */
export const CARRIED = 'localhost'

/**
 * Parses an image name as Docker does: the part before the first slash is a host only if it cannot
 * be anything else.
 */
export const parseImage = (ref: string): ImageReference => {
  const [name = '', digest] = ref.split('@')
  const [, repository = name, tag] = /^(.*?)(?::([^:/]+))?$/.exec(name) ?? []
  const first = name.includes('/') ? (name.split('/')[0] as string) : ''
  const host = first === CARRIED || /[.:]/.test(first) ? first : 'docker.io'
  return {
    host,
    repository,
    ...(tag === undefined ? {} : { tag }),
    ...(digest === undefined ? {} : { digest }),
  }
}

/** True for an image that is carried to the nodes. */
export const isCarried = (ref: string): boolean => parseImage(ref).host === CARRIED

/**
 * Resolves the name under which a task runs an image. A carried image is named by its id alone, if
 * known: the nodes then ask no registry, and never run another image with the same tag. Docker's
 * API does not change an id.
 */
export const resolveRunName = <Ref extends string>(ref: Ref): Ref => {
  const { host, digest } = parseImage(ref)
  return host === CARRIED && digest !== undefined ? (digest as Ref) : ref
}
