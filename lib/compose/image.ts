/** The name of an image, taken apart. */
export type ImageReference = {
  /** The registry's host, `docker.io` where none is written. */
  readonly host: string
  /** All before the tag and the digest, as it is written. */
  readonly repository: string
  readonly tag?: string
  /** `sha256:` and 64 hex digits. */
  readonly digest?: string
}

/**
 * The host of images that no registry has: they are carried to the nodes, and their digest is the
 * image's id. A name under it is never looked for elsewhere.
 */
export const CARRIED = 'localhost'

/**
 * Takes the name of an image apart as Docker does: what stands before the first slash is a host
 * where it can be nothing else.
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
 * The image as a task names it. A carried one goes by its id alone where that is known: the nodes
 * then ask no registry for it, and take no other image for it that has
 * the same tag. Docker's API leaves an id as it is.
 */
export const resolveRunName = <Ref extends string>(ref: Ref): Ref => {
  const { host, digest } = parseImage(ref)
  return host === CARRIED && digest !== undefined ? (digest as Ref) : ref
}
