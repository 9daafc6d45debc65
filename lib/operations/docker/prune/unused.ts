type Labels = Readonly<Record<string, string>>

/** A container of this node. `since`: when it stopped, in ms since 1970. */
export type NodeContainer = {
  readonly id: string
  readonly name: string
  readonly running: boolean
  readonly since: number
  readonly image: string
  readonly labels: Labels
}

/**
 * An image of this node. `since`: when it came here or was last named; `made`: when it was built;
 * both in ms since 1970.
 */
export type NodeImage = {
  readonly id: string
  /** The image on this node that it was built on; empty if there is no such image. */
  readonly parent: string
  /**
   * Its tags, and digests in repositories without a tag. Removing the last name removes the image.
   */
  readonly names: readonly string[]
  readonly since: number
  readonly made: number
  readonly bytes: number
  readonly labels: Labels
}

export type NodeObjects = {
  readonly containers: readonly NodeContainer[]
  readonly images: readonly NodeImage[]
}

/**
 * Reads what the probe printed; null if the output is incomplete. Containers of the swarm count as
 * running: the swarm removes them.
 */
export const readUnused = (text: string): NodeObjects | null => {
  const lines = text.trim().split('\n')
  if (lines.pop() !== 'end') return null
  const of = (kind: string) =>
    lines.flatMap(line =>
      line.startsWith(`${kind} `) ? [JSON.parse(line.slice(kind.length + 1)) as unknown] : [],
    )
  return {
    containers: (of('container') as PrintedContainer[]).map(readContainer),
    images: (of('image') as PrintedImage[]).map(readImage),
  }
}

/**
 * Selects the images to remove: those that may go, except images that one of the others is built
 * on, and intermediate images of a build, which Docker removes with its last one.
 */
export const selectRemovable = (
  images: readonly NodeImage[],
  may: (image: NodeImage) => boolean,
): readonly NodeImage[] => {
  const parents = new Set(images.map(({ parent }) => parent))
  const between = (one: NodeImage) => one.names.length === 0 && parents.has(one.id)
  const byId = new Map(images.map(one => [one.id, one]))
  const needed = new Set<string>()
  for (const one of images.filter(one => !between(one) && !may(one)))
    for (let id = one.parent; id !== '' && !needed.has(id); id = byId.get(id)?.parent ?? '')
      needed.add(id)
  return images.filter(one => may(one) && !between(one) && !needed.has(one.id))
}

type PrintedContainer = [
  id: string,
  name: string,
  running: boolean,
  finished: string,
  created: string,
  image: string,
  labels: Labels | null,
]

const readContainer = ([
  id,
  name,
  running,
  finished,
  created,
  image,
  labels,
]: PrintedContainer): NodeContainer => ({
  id,
  name: name.replace(/^\//, ''),
  running: running || 'com.docker.swarm.task.id' in (labels ?? {}),
  since: findLatest(finished, created),
  image,
  labels: labels ?? {},
})

type PrintedImage = [
  id: string,
  parent: string | null,
  tags: string[] | null,
  digests: string[] | null,
  tagged: string | null,
  created: string,
  bytes: number,
  labels: Labels | null,
]

const readImage = ([
  id,
  parent,
  tags,
  digests,
  tagged,
  created,
  bytes,
  labels,
]: PrintedImage): NodeImage => {
  const tagsOf = (repository: string) =>
    (tags ?? []).filter(tag => tag.replace(/:[^:/]*$/, '') === repository)
  return {
    id,
    parent: parent ?? '',
    names: [
      ...(tags ?? []),
      ...(digests ?? []).filter(digest => tagsOf(digest.replace(/@.*$/, '')).length === 0),
    ],
    since: findLatest(tagged, created),
    made: findLatest(created),
    bytes,
    labels: labels ?? {},
  }
}

/** Returns the latest of the times. Docker writes the year 1 for never. */
const findLatest = (...times: readonly (string | null)[]): number =>
  Math.max(...times.map(time => (time ? Date.parse(time) : 0)))
