/** A style of text, shown by colour. */
export type Mark = 'good' | 'changed' | 'bad' | 'unsure' | 'quiet' | 'strong' | 'added' | 'removed'
/** Styles a text. Without colour it stays unchanged. */
export type Paint = (mark: Mark, text: string) => string

const [plain, bold] = [39, 22]
/** The escape codes that switch a style on and off. */
const looks: Readonly<Record<Mark, readonly (readonly [on: number, off: number])[]>> = {
  good: [[32, plain]],
  changed: [[33, plain]],
  bad: [
    [31, plain],
    [1, bold],
  ],
  unsure: [[35, plain]],
  quiet: [[90, plain]],
  strong: [[1, bold]],
  added: [[32, plain]],
  removed: [[31, plain]],
}

/** Creates a Paint with colour, or without. */
export const createPaint =
  (color: boolean): Paint =>
  (mark, text) =>
    color && text !== ''
      ? looks[mark].reduce((inner, [on, off]) => `\x1b[${on}m${inner}\x1b[${off}m`, text)
      : text

/** True if output has colour: by NO_COLOR and FORCE_COLOR, otherwise on a capable terminal. */
export const wantsColor = (
  isTTY: boolean,
  env: Readonly<Record<string, string | undefined>>,
): boolean => {
  if (env['NO_COLOR']) return false
  if (env['FORCE_COLOR'] !== undefined) return env['FORCE_COLOR'] !== '0'
  return isTTY && env['TERM'] !== 'dumb'
}

/** Formats milliseconds: `48 ms`, `1.4 s`, `12 s`, `3 min 20 s`. */
export const formatTime = (ms: number): string => {
  if (ms < 999.5) return `${Math.round(ms)} ms`
  if (ms < 9950) return `${(ms / 1000).toFixed(1)} s`
  const seconds = Math.round(ms / 1000)
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`
}

/** Formats a number with its noun: `1 host`, `2 hosts`. */
export const formatCount = (n: number, noun: string): string => `${n} ${noun}${n === 1 ? '' : 's'}`

/** Wraps a text between words. A word longer than a line stays whole, so that it can be copied. */
export const wrapText = (text: string, columns: number): string[] =>
  text.split('\n').flatMap(line => {
    if (line.length <= columns) return [line]
    const lines: string[] = []
    let current = ''
    for (const word of line.split(/(?<=\S)\s+/)) {
      if (current !== '' && current.length + 1 + word.length > columns) {
        lines.push(current)
        current = word
      } else current = current === '' ? word : `${current} ${word}`
    }
    return [...lines, current]
  })
