/** A fragment of POSIX sh. `sh` creates it, so every value inside it is quoted. */
export class Sh {
  declare readonly text: string
  constructor(text: string | (() => string)) {
    const property = typeof text === 'string' ? { value: text } : { get: text }
    Object.defineProperty(this, 'text', { ...property, enumerable: true })
  }
  /** Whether its text is made anew each time it is read. */
  static isRenewed(fragment: Sh): boolean {
    return Object.getOwnPropertyDescriptor(fragment, 'text')?.get !== undefined
  }
}

/**
 * A value in a fragment. A string or a number becomes one quoted word, a list becomes words, and a
 * fragment is inserted unchanged.
 */
export type Word = string | number | Sh | readonly (string | number)[]

/**
 * Quotes a value as one POSIX shell word, for dash, bash, busybox sh and every other POSIX shell. A
 * word cannot contain a NUL byte: such data travels as stdin.
 */
export const quote = (value: string | number): string => {
  const text = String(value)
  if (text.includes('\0'))
    throw new Error('a NUL byte cannot be in a shell word: send the value as stdin')
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`
}

/**
 * Creates a shell fragment. The text is raw: `\n` reaches the shell as two characters. Only `\${`
 * and a backslash before a backtick are unescaped, which a template literal needs. Values are
 * quoted. A `Secret` does not compile: it travels as stdin.
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

/** Joins fragments, by default one per line. */
export const join = (fragments: readonly Sh[], separator = '\n'): Sh =>
  new Sh(fragments.map(f => f.text).join(separator))

/** Creates a fragment from text that is already shell, such as a script. Nothing is quoted. */
export const raw = (text: string): Sh => new Sh(text)

/**
 * Creates a probe that is made anew for each round that sends it: it contains what holds for a
 * while only, such as a signature of the moment. Inside another fragment it stays as it was when
 * that one was made.
 */
export const renewed = (make: () => Sh): Sh => new Sh(() => make().text)

const quoteWord = (value: Word): string => {
  if (value instanceof Sh) return value.text
  if (typeof value === 'string' || typeof value === 'number') return quote(value)
  if (Array.isArray(value)) return value.map(quote).join(' ')
  throw new TypeError(
    `a shell word is a string, a number, a fragment or a list of words, not ${typeof value}`,
  )
}
