/** Parses a text as JSON; undefined if it is something else, which no schema accepts. */
export const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
