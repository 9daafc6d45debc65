const unit = { ms: 1e6, s: 1e9, m: 60e9, h: 3600e9 } as const
const power = { K: 1024, M: 1024 ** 2, G: 1024 ** 3 } as const

/** Parses a duration of compose (`1m30s`) to nanoseconds, the unit of the Docker API. */
export const parseNanoseconds = (duration: string): number => {
  const parts = [...duration.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)]
  if (parts.length === 0 || parts.map(([part]) => part).join('') !== duration)
    throw new Error(`not a duration: ${duration} (write 5s, 1m30s, 500ms)`)
  return parts.reduce(
    (sum, [, count, of]) => sum + Number(count) * unit[of as keyof typeof unit],
    0,
  )
}

/** Parses an amount of memory of compose (`64M`) to bytes. */
export const parseBytes = (amount: string): number => {
  const match = /^(\d+(?:\.\d+)?)([KMG])$/.exec(amount)
  if (!match) throw new Error(`not an amount of memory: ${amount} (write 64M, 1G)`)
  return Number(match[1]) * power[match[2] as keyof typeof power]
}
