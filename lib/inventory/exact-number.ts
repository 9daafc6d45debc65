/**
 * The number that a text is; null for a text that a reader would take for another one, such as
 * 0644, 0x10, or what a number of JavaScript rounds.
 */
export const readExactNumber = (text: string): number | null => {
  if (!/^[-+]?(0|[1-9]\d*)(\.\d+)?(e[-+]?\d+)?$/i.test(text)) return null
  const number = Number(text)
  const isRounded = Number.isInteger(number) && !Number.isSafeInteger(number)
  return Number.isFinite(number) && !(isRounded && !/[.e]/i.test(text)) ? number : null
}
