/** Before a character that is quoted in a pattern. */
export const QUOTED = '\u0001'

const known = new Map<string, RegExp>()

/** Text whose special characters stand for themselves in a pattern. */
export const quotePattern = (text: string): string => text.replace(/[*?[\]\\!]/g, `${QUOTED}$&`)

export const unquotePattern = (text: string): string =>
  text.includes(QUOTED) ? text.replaceAll(QUOTED, '') : text

/** Whether a pattern has a character that stands for others. */
export const isPattern = (text: string): boolean => /(?<!\u0001)[*?[]/.test(text)

/** Whether the whole text is as a pattern of the shell says. */
export const matches = (pattern: string, text: string): boolean => {
  if (pattern === '*') return true
  let regexp = known.get(pattern)
  if (!regexp) {
    regexp = toRegExp(pattern)
    if (known.size > 5000) known.clear()
    known.set(pattern, regexp)
  }
  return regexp.test(text)
}

const toRegExp = (pattern: string): RegExp => {
  let source = ''
  for (let i = 0; i < pattern.length; i++) {
    const one = pattern[i] as string
    if (one === QUOTED) source += escapeText(pattern[++i] ?? '')
    else if (one === '*') source += '.*'
    else if (one === '?') source += '.'
    else if (one === '[' && pattern.indexOf(']', i + 2) > 0) {
      const end = pattern.indexOf(']', i + 2)
      source += `[${pattern
        .slice(i + 1, end)
        .replace(/^!/, '^')
        .replaceAll('\\', '\\\\')}]`
      i = end
    } else source += escapeText(one)
  }
  return new RegExp(`^${source}$`, 's')
}

const escapeText = (character: string): string => character.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')

/** Takes all up to a literal text off, and this text: the case of most patterns. */
const trimTo = (text: string, literal: string, fromBegin: boolean, longest: boolean): string => {
  const at = fromBegin === longest ? text.lastIndexOf(literal) : text.indexOf(literal)
  if (at < 0) return text
  return fromBegin ? text.slice(at + literal.length) : text.slice(0, at)
}

/** Takes what a pattern matches off a text: `#` and `##` at its begin, `%` and `%%` at its end. */
export const trim = (text: string, does: string, pattern: string): string => {
  const fromBegin = does.startsWith('#')
  const longest = does.length === 2
  const literal = fromBegin ? pattern.slice(1) : pattern.slice(0, -1)
  if (pattern.at(fromBegin ? 0 : -1) === '*' && !isPattern(literal) && !literal.endsWith(QUOTED))
    return trimTo(text, unquotePattern(literal), fromBegin, longest)
  for (let i = 0; i <= text.length; i++) {
    const length = longest ? text.length - i : i
    const part = fromBegin ? text.slice(0, length) : text.slice(text.length - length)
    if (matches(pattern, part))
      return fromBegin ? text.slice(length) : text.slice(0, text.length - length)
  }
  return text
}
