/** A fragment of POSIX sh. Only `sh` makes one, so every value inside it has been quoted. */
export class Sh {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

/**
 * What may stand in a fragment: strings and numbers become one quoted word each, a list becomes
 * words, a fragment nests as it is.
 */
export type Word = string | number | Sh | readonly (string | number)[]

/**
 * One POSIX shell word that stands for exactly this value, in dash, bash, busybox sh and every
 * other POSIX shell.
 * A NUL byte cannot be in a word: such data travels as stdin.
 */
export const quote = (value: string | number): string => {
  const text = String(value)
  if (text.includes('\0'))
    throw new Error('a NUL byte cannot be in a shell word: send the value as stdin')
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`
}

/**
 * A shell fragment. The text is raw (`\n` reaches the shell as two characters), but for `\${` and a
 * backslash before a backtick,
 * which a template literal needs for `${` and a backtick. Values are quoted; a `Secret` does not
 * compile: it travels as stdin.
 */
export const sh = (parts: TemplateStringsArray, ...values: readonly Word[]): Sh =>
  new Sh(
    parts.raw
      .map(
        (part, i) =>
          part.replace(/\\(\$\{|`)/g, '$1') +
          (i < values.length ? quoteWord(values[i] as Word) : ''),
      )
      .join(''),
  )

/** Several fragments after one another, by default one a line. */
export const join = (fragments: readonly Sh[], separator = '\n'): Sh =>
  new Sh(fragments.map(f => f.text).join(separator))

/**
 * A fragment from text that is already shell, such as an operator's own script. Nothing in it is
 * quoted.
 */
export const raw = (text: string): Sh => new Sh(text)

const quoteWord = (value: Word): string => {
  if (value instanceof Sh) return value.text
  if (typeof value === 'string' || typeof value === 'number') return quote(value)
  if (Array.isArray(value)) return value.map(quote).join(' ')
  throw new TypeError(
    `a shell word is a string, a number, a fragment or a list of words, not ${value === undefined ? 'undefined' : typeof value}`,
  )
}
