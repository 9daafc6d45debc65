/** Names of hosts that a line has room for. */
const NAMED = 5

/** `heard` takes a host that has answered; after `end` nothing is said any more. */
export type Progress = { readonly heard: (host: string) => void; readonly end: () => void }

/**
 * Until its end, says every so many milliseconds (default 15,000) which of these hosts have not
 * answered yet.
 */
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

/** Those that are waited for, by name as far as there is room. */
export const formatWaiting = (open: readonly string[], all: number): string => {
  const more = open.length - NAMED
  return `waiting for ${open.length} of ${all}: ${open.slice(0, NAMED).join(' ')}${more > 0 ? ` and ${more} more` : ''}`
}
