type Labels = Readonly<Record<string, string>>

/** The containers and images of a node, with the time from which they count as unused, in ms since 1970. */
export type Found = {
  readonly containers: readonly {
    readonly id: string
    readonly name: string
    readonly running: boolean
    readonly since: number
    readonly image: string
    readonly labels: Labels
  }[]
  readonly images: readonly {
    readonly id: string
    readonly names: readonly string[]
    readonly since: number
    readonly bytes: number
    readonly labels: Labels
  }[]
}

/** Reads what the probe printed; null where that is not all of it. Containers of the swarm count as running: it removes them itself. */
export const readUnused = (text: string): Found | null => {
  const lines = text.trim().split('\n')
  if (lines.pop() !== 'end') return null
  const of = (kind: string) =>
    lines.flatMap(line => (line.startsWith(`${kind} `) ? [JSON.parse(line.slice(kind.length + 1)) as unknown] : []))
  return {
    containers: (of('container') as Container[]).map(([id, name, running, finished, created, image, labels]) => ({
      id,
      name: name.replace(/^\//, ''),
      running: running || 'com.docker.swarm.task.id' in (labels ?? {}),
      since: latest(finished, created),
      image,
      labels: labels ?? {},
    })),
    images: (of('image') as Image[]).map(([id, names, tagged, created, bytes, labels]) => ({
      id,
      names: names ?? [],
      since: latest(tagged, created),
      bytes,
      labels: labels ?? {},
    })),
  }
}

type Container = [id: string, name: string, running: boolean, finished: string, created: string, image: string, labels: Labels | null]
type Image = [id: string, names: string[] | null, tagged: string | null, created: string, bytes: number, labels: Labels | null]

/** Docker writes the year 1 for never. */
const latest = (...times: readonly (string | null)[]): number => Math.max(...times.map(time => (time ? Date.parse(time) : 0)))
