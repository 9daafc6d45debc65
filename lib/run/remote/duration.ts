/** A duration as zx writes it: seconds or minutes. */
export type Duration = `${number}s` | `${number}m`

/** Parses a duration into whole seconds, because the host counts them one by one. */
export const parseDuration = (duration: Duration): number => {
  const [, number, unit] = /^(\d+(?:\.\d+)?)(s|m)$/.exec(duration) ?? []
  const seconds = Math.ceil(Number(number) * (unit === 'm' ? 60 : 1))
  if (number === undefined || seconds < 1)
    throw new TypeError(`"${duration}" is not a duration: write it as 90s or 5m`)
  return seconds
}
