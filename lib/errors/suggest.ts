import { distance } from 'fastest-levenshtein'

/** Characters of a name that is worth a comparison. */
const LONGEST = 200

/**
 * Finds the known name that is nearest to a misspelt one, if at most a third of its letters differ;
 * otherwise null.
 */
export const suggest = (name: string, known: Iterable<string>): string | null => {
  if (name.length > LONGEST) return null
  let best: string | null = null
  let nearest = Number.POSITIVE_INFINITY
  for (const candidate of known) {
    const far = countTypos(name.toLowerCase(), candidate.toLowerCase())
    if (far < nearest && far <= Math.max(name.length, candidate.length) / 3)
      [best, nearest] = [candidate, far]
  }
  return best
}

/** Counts the letters to change. Two swapped letters, the commonest slip, count as one. */
const countTypos = (a: string, b: string) => {
  const far = distance(a, b)
  return far === 2 && [...a].sort().join('') === [...b].sort().join('') ? 1 : far
}

/** Formats the end of an error's sentence: `; did you mean "address"?`, or nothing. */
export const formatSuggestion = (name: string, known: Iterable<string>) => {
  const best = suggest(name, known)
  return best === null ? '' : `; did you mean "${best}"?`
}

/** How many names a message has at most. */
const MOST_NAMES = 12

/** Formats names for a message: the first twelve, and how many there are. */
export const formatNames = (names: Iterable<string>): string => {
  const all = [...names]
  const shown = all.slice(0, MOST_NAMES).join(', ')
  return all.length > MOST_NAMES ? `${shown}, … (${all.length})` : shown
}
