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
export const sh = (parts: TemplateStringsArray, ...values: readonly Word[]): Sh => {
  const raw = parts.raw.map(part => part.replace(/\\(\$\{|`)/g, '$1'))
  return compose(values, words => raw.map((part, i) => part + (words[i] ?? '')).join(''))
}

/** Joins fragments, by default one per line. */
export const join = (fragments: readonly Sh[], separator = '\n'): Sh =>
  compose(fragments, texts => texts.join(separator))

/** A fragment as a round sends it, and the text of each shared part by its name. */
type NamedParts = { readonly text: string; readonly parts: ReadonlyMap<string, string> }

/** Fragments with shared parts. */
const short = new WeakMap<Sh, NamedParts>()

const sharedNames = new Set<string>()

/**
 * Names a fragment that the changes of many operations contain, so that a round sends it once. It
 * runs in the same shell as what is around it. Throws if the name is taken.
 */
export const shared = (name: string, { text }: Sh): Sh => {
  if (sharedNames.has(name)) throw new Error(`${name} is the name of another shared fragment`)
  sharedNames.add(name)
  const fragment = new Sh(text)
  short.set(fragment, { text: `eval "$_${name}"`, parts: new Map([[name, text]]) })
  return fragment
}

/**
 * The fragment with the name of each shared part in its place: the shell that runs it has the text
 * of the part in the variable `_NAME`.
 */
export const nameSharedParts = (fragment: Sh): NamedParts =>
  short.get(fragment) ?? { text: fragment.text, parts: new Map() }

/** Creates a fragment from text that is already shell, such as a script. Nothing is quoted. */
export const raw = (text: string): Sh => new Sh(text)

/**
 * Creates a probe that is made anew for each round that sends it: it contains what holds for a
 * while only, such as a signature of the moment. Inside another fragment it stays as it was when
 * that one was made.
 */
export const renewed = (make: () => Sh): Sh => new Sh(() => make().text)

/** A fragment of values, and its short form if one of them has shared parts. */
const compose = (values: readonly Word[], assemble: (words: string[]) => string): Sh => {
  const fragment = new Sh(assemble(values.map(quoteWord)))
  const named = values.flatMap(value =>
    value instanceof Sh ? [...nameSharedParts(value).parts] : [],
  )
  if (named.length === 0) return fragment
  const shorten = (value: Word) =>
    value instanceof Sh ? nameSharedParts(value).text : quoteWord(value)
  short.set(fragment, { text: assemble(values.map(shorten)), parts: new Map(named) })
  return fragment
}

const quoteWord = (value: Word): string => {
  if (value instanceof Sh) return value.text
  if (typeof value === 'string' || typeof value === 'number') return quote(value)
  if (Array.isArray(value)) return value.map(quote).join(' ')
  throw new TypeError(
    `a shell word is a string, a number, a fragment or a list of words, not ${typeof value}`,
  )
}
