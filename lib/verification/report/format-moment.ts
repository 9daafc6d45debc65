const months = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ')

/**
 * Formats a moment in UTC as it is read from another one, ISO 8601 both: `25 Nov 03:12`, with the
 * year if it is another.
 */
export const formatMoment = (iso: string, from: string): string => {
  const at = new Date(iso)
  const year = at.getUTCFullYear()
  const day = `${at.getUTCDate()} ${months[at.getUTCMonth()]}`
  const isFar = year !== new Date(from).getUTCFullYear()
  return `${day}${isFar ? ` ${year}` : ''} ${at.toISOString().slice(11, 16)}`
}
