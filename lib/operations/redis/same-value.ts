/** The settings of Redis that are words of an enumeration, which have no case. */
const ENUMERATIONS = new Set([
  'acl-pubsub-default',
  'appendfsync',
  'cluster-preferred-endpoint-type',
  'enable-debug-command',
  'enable-module-command',
  'enable-protected-configs',
  'loglevel',
  'maxmemory-policy',
  'oom-score-adj',
  'propagation-error-behavior',
  'repl-diskless-load',
  'sanitize-dump-payload',
  'shutdown-on-sigint',
  'shutdown-on-sigterm',
  'supervised',
  'syslog-facility',
  'tls-auth-clients',
])

/**
 * Whether Redis would report the wanted value as it reports the present one. It writes amounts as
 * bytes, switches and words of enumerations in small letters, flags in one order; texts
 * are compared as they are.
 */
export const isSameValue = (name: string, now: string, want: string): boolean => {
  if (now === want) return true
  if (name === 'client-output-buffer-limit') return holdsLimits(now, want)
  if (name === 'notify-keyspace-events') return listEvents(now) === listEvents(want)
  if (ENUMERATIONS.has(name)) return sortWords(now) === sortWords(want)
  if (/^(?:yes|no)$/.test(now)) return now === want.toLowerCase()
  return /^\d+$/.test(now) && now === parseBytes(want)
}

/** Converts an amount of memory to bytes; another text stays as it is. */
export const parseBytes = (value: string): string => {
  const [, count, of = ''] = /^(\d+)([kmg]b?|b)$/i.exec(value) ?? []
  const power = { b: 1, k: 1e3, kb: 1024, m: 1e6, mb: 1024 ** 2, g: 1e9, gb: 1024 ** 3 }[
    of.toLowerCase()
  ]
  return count && power ? String(BigInt(count) * BigInt(power)) : value
}

/** Sorts words: shutdown-on-sigterm has several. `relative` is another name of `yes`. */
const sortWords = (text: string): string =>
  splitWords(text.toLowerCase())
    .map(word => (word === 'relative' ? 'yes' : word))
    .sort()
    .join(' ')

/** Sorts the letters of events. `A` means all but K, E, m and n. */
const listEvents = (letters: string): string =>
  [...new Set(letters.replaceAll('A', 'g$lshzxetd'))].sort().join('')

/** Whether the wanted classes have these limits. Redis leaves those that are not named as is. */
const holdsLimits = (now: string, want: string): boolean => {
  const present = readLimits(now)
  const wanted = readLimits(want)
  return wanted.size > 0 && [...wanted].every(([kind, limits]) => present.get(kind) === limits)
}

const readLimits = (text: string): ReadonlyMap<string, string> => {
  const words = splitWords(text.toLowerCase())
  const limits = new Map<string, string>()
  for (let i = 0; i < words.length; i += 4)
    limits.set(
      words[i] === 'replica' ? 'slave' : `${words[i]}`,
      words
        .slice(i + 1, i + 4)
        .map(parseBytes)
        .join(' '),
    )
  return limits
}

const splitWords = (text: string): string[] => text.split(' ').filter(Boolean)
