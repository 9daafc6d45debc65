/** Numbers and choices that a seed determines: a failing seed can be tried again. */
export const makeRandom = (seed: number) => {
  let state = seed >>> 0
  // Mulberry32.
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  /** A whole number from 0 to below this. */
  const number = (below: number): number => Math.floor(next() * below)
  return { number, pick: <T>(from: readonly T[]): T => from[number(from.length)] as T }
}
