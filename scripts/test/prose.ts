import type { Sources } from './imports.ts'

/** A phrase that plain English avoids, and what to write in its place. */
type Rule = readonly [phrase: RegExp, instead: string]

/** In a phrase, `_` is a space or the end of a line. */
const rules: readonly Rule[] = [
  [/\b(?:is|are)_told\b/, '"receives" or "sees", with the receiver as the subject'],
  [/\bat_once\b/, '"immediately", or "at the same time"'],
  [/\b(?:is|are)_none\b/, '"does not exist", or "is missing"'],
  [/(?<!\b[Tt]here_)\bis_no_(?!longer\b)[a-z]+\b/, '"is not a", or "must be a"'],
  [/\bstands?_(?:in|on|there|for|beside|behind)\b/, '"is", "lies", "means" or "replaces"'],
  [/,_where_(?:it|there|a|the|one)_/, '"if" or "when"; begin a new sentence for a place'],
  [
    /\bwhere_(?:there|it|that|this|one|no|none|nothing)_(?:is|are|has|was)\b/,
    '"if" or "when"; for a place, say which',
  ],
  [/\bof_(?:its|their|his)_own\b/, '"own" before the noun, "separate", or leave it out'],
  [
    /(?:[.;]_|\/\*\*_|\n)Who_(?:does|has|wants|is|asks|gives)\b(?![^.]*\?)/,
    'the person: "a user who"',
  ],
  [/\bthat_(?:is|are)_to_be\b/, '"must be", or the plain verb'],
]

const patterns = rules.map(
  ([phrase, instead]) =>
    [new RegExp(phrase.source.replaceAll('_', '[ \\n]'), 'g'), instead] as const,
)

/**
 * The habits that the style ends, as `path:line: the phrase: what to write`. The whole text is
 * searched, since only comments and strings can hold such phrases.
 */
export const findHabits = (sources: Sources): string[] =>
  [...sources].flatMap(([path, source]) => {
    if (path.startsWith('test/')) return []
    const text = unwrapped(source)
    return patterns
      .flatMap(([pattern, instead]) =>
        [...text.matchAll(pattern)].map(({ 0: phrase, index }) => ({ phrase, index, instead })),
      )
      .sort((a, b) => a.index - b.index)
      .map(({ phrase, index, instead }) => {
        const words = phrase
          .replace(/\s+/g, ' ')
          .replace(/^[,.;/* ]+/, '')
          .trimEnd()
        return `${path}:${lineAt(text, index)}: "${words}": write ${instead}`
      })
  })

/** The text without the stars and slashes that begin a comment's lines: a phrase may be wrapped. */
const unwrapped = (source: string): string =>
  source.replace(/[ \t]*\n[ \t]*(?:\*(?!\/)|\/\/|#)?[ \t]*/g, '\n')

const lineAt = (text: string, index: number): number => text.slice(0, index).split('\n').length

/** Characters that one word may have before a line that it is on may be longer than others. */
const LONG_WORD = 60

/**
 * The lines with more than `most` characters. Longer ones may hold one long word, such as a URL or
 * a pattern, or a quoted row of a test.
 */
export const findLongLines = (sources: Sources, most = 100): string[] =>
  [...sources].flatMap(([path, source]) =>
    source.split('\n').flatMap((line, i) => {
      if (line.length <= most || line.split(/\s+/).some(word => word.length > LONG_WORD)) return []
      if (path.startsWith('test/') && /^\s*(?:[\w'-]+: )?(['"`]).*\1,?$/.test(line)) return []
      return [`${path}:${i + 1}: ${line.length} characters, ${most} at most`]
    }),
  )
