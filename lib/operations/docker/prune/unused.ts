type Labels = Readonly<Record<string, string>>

/** A container of this node. `since`: when it stopped, in ms since 1970. */
export type Container = {
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
export type Image = {
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

export type Found = { readonly containers: readonly Container[]; readonly images: readonly Image[] }

/**
 * Reads what the probe printed; null if the output is incomplete. Containers of the swarm count as
 * running: the swarm removes them.
 */
export const readUnused = (text: string): Found | null => {
  const lines = text.trim().split('\n')
  if (lines.pop() !== 'end') return null
  const of = (kind: string) =>
    lines.flatMap(line =>
      line.startsWith(`${kind} `) ? [JSON.parse(line.slice(kind.length + 1)) as unknown] : [],
    )
  return {
    containers: (of('container') as PrintedContainer[]).map(container),
    images: (of('image') as PrintedImage[]).map(image),
  }
}

/**
 * Selects the images to remove: those that may go, except images that one of the others is built
 * on, and intermediate images of a build, which Docker removes with its last one.
 */
export const removable = (
  images: readonly Image[],
  may: (image: Image) => boolean,
): readonly Image[] => {
  const parents = new Set(images.map(({ parent }) => parent))
  const between = (one: Image) => one.names.length === 0 && parents.has(one.id)
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

const container = ([
  id,
  name,
  running,
  finished,
  created,
  image,
  labels,
]: PrintedContainer): Container => ({
  id,
  name: name.replace(/^\//, ''),
  running: running || 'com.docker.swarm.task.id' in (labels ?? {}),
  since: latest(finished, created),
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

const image = ([
  id,
  parent,
  tags,
  digests,
  tagged,
  created,
  bytes,
  labels,
]: PrintedImage): Image => {
  const tagsOf = (repository: string) =>
    (tags ?? []).filter(tag => tag.replace(/:[^:/]*$/, '') === repository)
  return {
    id,
    parent: parent ?? '',
    names: [
      ...(tags ?? []),
      ...(digests ?? []).filter(digest => tagsOf(digest.replace(/@.*$/, '')).length === 0),
    ],
    since: latest(tagged, created),
    made: latest(created),
    bytes,
    labels: labels ?? {},
  }
}

/** Returns the latest of the times. Docker writes the year 1 for never. */
const latest = (...times: readonly (string | null)[]): number =>
  Math.max(...times.map(time => (time ? Date.parse(time) : 0)))
