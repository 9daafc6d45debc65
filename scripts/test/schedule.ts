/** A test file, and what of the lab it has for itself while it runs. */
export type Task = {
  readonly file: string
  readonly hosts: readonly string[]
  /** Seconds that it has at most. */
  readonly seconds: number
  /** What of the lab has to be there. */
  readonly needs: Need
}

/**
 * Nothing; its hosts; or the images in its registry too, which on a new machine take minutes to be
 * made.
 */
export type Need = 'nothing' | 'hosts' | 'images'

/**
 * The lab's hosts that a live test has for itself, from a comment among its first lines: `// hosts:
 * old-one, old-two`, or `// hosts: none`. Without
 * one it has the whole lab: `*`.
 */
export const hostsOf = (source: string): string[] => {
  const declared = declaredIn(source, 'hosts')
  if (declared === undefined) return ['*']
  return declared === 'none' ? [] : declared.split(',').map(host => host.trim())
}

/**
 * What a live test needs: the images too, unless a comment among its first lines says `// images:
 * none`.
 */
export const needOf = (source: string): Need =>
  declaredIn(source, 'images') === 'none' ? 'hosts' : 'images'

const declaredIn = (source: string, name: string): string | undefined =>
  source
    .split('\n')
    .slice(0, 5)
    .flatMap(line => new RegExp(`^// ${name}: (.+)$`).exec(line)?.[1]?.trim() ?? [])[0]

/** The first task that shares nothing with those that run; undefined while there is none. */
export const next = <T extends Pick<Task, 'hosts'>>(
  pending: readonly T[],
  running: readonly Pick<Task, 'hosts'>[],
): T | undefined => {
  const busy = new Set(running.flatMap(({ hosts }) => hosts))
  const fits = (hosts: readonly string[]): boolean =>
    hosts.length === 0 ||
    (hosts.includes('*') ? busy.size === 0 : !busy.has('*') && !hosts.some(host => busy.has(host)))
  return pending.find(({ hosts }) => fits(hosts))
}

/**
 * Those that may take longest first, so that no long one is left alone at the end: a live file's
 * time limit is thus its rank too, and what others wait for has a longer one than it needs.
 */
export const longestFirst = (tasks: readonly Task[]): Task[] =>
  tasks.toSorted((a, b) => b.seconds - a.seconds)
