/** The order of sources: one that fails gives way to the next, and says why in a line. */
import type { Provided } from './types.ts'

/** One source to try. */
export type Attempt = { from: string; get: () => Promise<Provided> }

/** What the first source gave that could; rejects with the reason of each where none could. */
export const takeFirst = async (
  ref: string,
  attempts: readonly Attempt[],
  say: (line: string) => void,
): Promise<Provided> => {
  const reasons: string[] = []
  for (const { from, get } of attempts) {
    try {
      const provided = await get()
      say(`${ref}: ${describeFallback(provided)}`)
      return provided
    } catch (error) {
      const reason = `not from ${from}: ${shortenError(error)}`
      say(`${ref}: ${reason}`)
      reasons.push(reason)
    }
  }
  throw new Error(`${ref}: no source has it\n${reasons.map(reason => `  ${reason}`).join('\n')}`)
}

const describeFallback = ({ version, from, standIn }: Provided) =>
  standIn ? `${from}; what needs the real one is skipped` : `${version} from ${from}`

const shortenError = (error: unknown) => {
  const text = (error instanceof Error ? error.message : String(error))
    .replaceAll(/\s*\n\s*/g, ' · ')
    .trim()
  return text.length > 200 ? `${text.slice(0, 199)}…` : text
}
