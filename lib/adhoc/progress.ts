/** How many hosts one line names. */
const NAMED = 5

/** `heard` takes a host that has answered; `end` stops the reports. */
export type Progress = { readonly heard: (host: string) => void; readonly end: () => void }

/** Reports every `every` milliseconds (default 15,000) which hosts have not answered yet. */
export const reportWaiting = (
  hosts: readonly string[],
  say: (line: string) => void,
  every = 15_000,
): Progress => {
  const open = new Set(hosts)
  const timer = setInterval(() => say(formatWaiting([...open], hosts.length)), every)
  timer.unref()
  return { heard: host => void open.delete(host), end: () => clearInterval(timer) }
}

/** Formats the hosts that have not answered: their number, and the first names. */
export const formatWaiting = (open: readonly string[], all: number): string => {
  const more = open.length - NAMED
  const names = open.slice(0, NAMED).join(' ')
  return `waiting for ${open.length} of ${all}: ${names}${more > 0 ? ` and ${more} more` : ''}`
}
