/** A test file, and what of the lab it has for itself while it runs. */
export type Task = { readonly file: string; readonly hosts: readonly string[]; readonly seconds: number }

/**
 * The lab's hosts that a live test has for itself, from a comment among its first lines: `// hosts: old-one, old-two`, or `// hosts: none`. Without
 * one it has the whole lab: `*`.
 */
export const hostsOf = (source: string): string[] => {
  const declared = source
    .split('\n')
    .slice(0, 5)
    .flatMap(line => /^\/\/ hosts: (.+)$/.exec(line)?.[1] ?? [])[0]
  if (declared === undefined) return ['*']
  return declared.trim() === 'none' ? [] : declared.split(',').map(host => host.trim())
}

/** The first task that shares nothing with those that run; undefined while there is none. */
export const next = <T extends Pick<Task, 'hosts'>>(pending: readonly T[], running: readonly Pick<Task, 'hosts'>[]): T | undefined => {
  const busy = new Set(running.flatMap(({ hosts }) => hosts))
  const fits = (hosts: readonly string[]): boolean =>
    hosts.length === 0 || (hosts.includes('*') ? busy.size === 0 : !busy.has('*') && !hosts.some(host => busy.has(host)))
  return pending.find(({ hosts }) => fits(hosts))
}

/** Those that may take longest first, so that no long one is left alone at the end. */
export const longestFirst = (tasks: readonly Task[]): Task[] => tasks.toSorted((a, b) => b.seconds - a.seconds)
