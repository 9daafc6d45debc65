import type { Pause } from '../host/kernel.ts'
import { isThere, listPaths, resolvePath } from '../host/open.ts'
import { compute } from './arithmetic.ts'
import { ModelGap } from './gap.ts'
import { isPattern, matches, quotePattern, trim, unquotePattern } from './pattern.ts'
import type { Shell } from './shell.ts'
import type { Part, Word } from './syntax.ts'

type Expansion<T> = Generator<Pause, T, void>
/** The value of a part of a word; of `$@` and `$*` several. */
type Value = string | readonly string[]

/** Expands words into the arguments of a command: split at blanks, names of files filled in. */
export function* expandFields(shell: Shell, words: readonly Word[]): Expansion<string[]> {
  const fields: string[] = []
  for (const word of words)
    if (runs(word)) addWord(shell, word, yield* expandParts(shell, word), fields)
    else addWordNow(shell, word, fields)
  return fields
}

/** The same for words in which no command runs. */
export const expandFieldsNow = (shell: Shell, words: readonly Word[]): string[] => {
  const fields: string[] = []
  for (const word of words) addWordNow(shell, word, fields)
  return fields
}

/** Expands a word to one text; as a pattern, its quoted characters are marked. */
export function* expandText(shell: Shell, word: Word, asPattern = false): Expansion<string> {
  if (!runs(word)) return expandTextNow(shell, word, asPattern)
  return joinParts(word, yield* expandParts(shell, word), asPattern)
}

/** The same for a word in which no command runs. */
export const expandTextNow = (shell: Shell, word: Word, asPattern = false): string => {
  const [only] = word
  if (word.length === 1 && only?.is === 'text')
    return asPattern && only.quoted ? quotePattern(only.text) : only.text
  const values: Value[] = []
  for (const part of word) values.push(expandPart(shell, part))
  return joinParts(word, values, asPattern)
}

/** Whether a command must run before the value of a word is known. */
export const runs = (word: Word): boolean => {
  for (const part of word) if (runsPart(part)) return true
  return false
}

const runsPart = (part: Part): boolean => {
  if (part.is === 'text') return false
  if (part.is === 'parameter')
    return part.argument.length > 0 && !/[@*]/.test(part.name) && runs(part.argument)
  return part.is === 'command' || runs(part.expression)
}

const joinParts = (word: Word, values: readonly Value[], asPattern: boolean): string => {
  let text = ''
  for (let i = 0; i < word.length; i++) {
    const value = values[i] as Value
    const joined = typeof value === 'string' ? value : value.join(' ')
    text += asPattern && (word[i] as Part).quoted ? quotePattern(joined) : joined
  }
  return text
}

const addWordNow = (shell: Shell, word: Word, fields: string[]): void => {
  const only = word[0] as Part
  if (word.length === 1 && only.is === 'text' && (only.quoted || !/[*?[]/.test(only.text))) {
    fields.push(only.text)
    return
  }
  const values: Value[] = []
  for (const part of word) values.push(expandPart(shell, part))
  addWord(shell, word, values, fields)
}

const addWord = (shell: Shell, word: Word, values: readonly Value[], fields: string[]): void => {
  const plain = joinPlain(word, values)
  if (plain !== null) fields.push(plain)
  else for (const field of split(word, values)) addPaths(shell, field, fields)
}

/** The one field of a word of which nothing is split or filled in; null for another word. */
const joinPlain = (word: Word, values: readonly Value[]): string | null => {
  let text = ''
  let isQuoted = false
  for (let i = 0; i < word.length; i++) {
    const value = values[i] as Value
    if (typeof value !== 'string') return null
    const { quoted } = word[i] as Part
    if (!quoted && /[ \t\n*?[]/.test(value)) return null
    isQuoted ||= quoted
    text += value
  }
  return isQuoted || text !== '' ? text : null
}

/** The fields of a word whose parts have these values. */
const split = (word: Word, values: readonly Value[]): string[] => {
  const fields: string[] = []
  let open: string | null = null
  for (let at = 0; at < word.length; at++) {
    const part = word[at] as Part
    const value = values[at] as Value
    if (part.quoted && typeof value !== 'string') {
      for (const [i, one] of value.entries()) {
        if (i > 0 && open !== null) {
          fields.push(open)
          open = null
        }
        open = (open ?? '') + quotePattern(one)
      }
    } else if (part.quoted) open = (open ?? '') + quotePattern(value as string)
    else if (part.is === 'text') open = (open ?? '') + part.text
    else {
      for (const [i, one] of (typeof value === 'string' ? [value] : value).entries()) {
        const pieces = one.split(/[ \t\n]+/)
        if ((i > 0 || pieces[0] === '') && open !== null && one !== '') {
          fields.push(open)
          open = null
        }
        for (const [k, piece] of pieces.entries()) {
          if (k > 0 && open !== null) {
            fields.push(open)
            open = null
          }
          if (piece !== '') open = (open ?? '') + piece
        }
      }
    }
  }
  if (open !== null) fields.push(open)
  return fields
}

const addPaths = (shell: Shell, field: string, fields: string[]): void => {
  const found = isPattern(field) && !shell.state.noGlob ? fillIn(shell, field) : []
  if (found.length > 0) fields.push(...found)
  else fields.push(unquotePattern(field))
}

/** The paths that a pattern matches. */
const fillIn = (shell: Shell, pattern: string): string[] => {
  const cut = pattern.lastIndexOf('/')
  const above = pattern.slice(0, cut + 1)
  const name = pattern.slice(cut + 1)
  if (!isPattern(above)) return fillInName(shell, unquotePattern(above), name)
  const folders = fillIn(shell, above.slice(0, -1)).map(folder => `${folder}/`)
  if (isPattern(name)) return folders.flatMap(folder => fillInName(shell, folder, name))
  return folders
    .map(folder => folder + unquotePattern(name))
    .filter(path => isThere(shell.process, resolvePath(shell.process, path)))
}

const fillInName = (shell: Shell, folder: string, name: string): string[] => {
  const found: string[] = []
  for (const path of listPaths(shell.process, resolvePath(shell.process, folder || '.'))) {
    const file = path.slice(path.lastIndexOf('/') + 1)
    if (file.startsWith('.') && !name.startsWith('.')) continue
    if (matches(name, file)) found.push(folder + file)
  }
  return found
}

/** The values of the parts of a word; those of `$@` and `$*` one by one. */
function* expandParts(shell: Shell, word: Word): Expansion<Value[]> {
  const values: Value[] = []
  for (const part of word)
    values.push(runsPart(part) ? yield* runPart(shell, part) : expandPart(shell, part))
  return values
}

/** The value of a part in which a command runs. */
function* runPart(shell: Shell, part: Part): Expansion<string> {
  if (part.is === 'command') return yield* shell.substitute(part.list)
  if (part.is === 'arithmetic') return calculate(shell, yield* expandText(shell, part.expression))
  if (part.is === 'text') return part.text
  const value = readParameter(shell, part.name)
  const argument = isArgumentUsed(value, part)
    ? yield* expandText(shell, part.argument, isTrim(part))
    : ''
  return edit(shell, value, part, argument)
}

const expandPart = (shell: Shell, part: Part): Value => {
  const { state } = shell
  if (part.is === 'text') return part.text
  if (part.is === 'arithmetic') return calculate(shell, expandTextNow(shell, part.expression))
  if (part.is === 'command') throw new Error('a command cannot run here')
  if (part.name === '@') return state.positional
  if (part.name === '*') return part.quoted ? state.positional.join(' ') : state.positional
  const value = readParameter(shell, part.name)
  if (part.does === '') return value ?? ''
  const argument = isArgumentUsed(value, part)
    ? expandTextNow(shell, part.argument, isTrim(part))
    : ''
  return edit(shell, value, part, argument)
}

const calculate = ({ state }: Shell, expression: string): string =>
  String(compute(expression, name => state.get(name)))

const readParameter = ({ state, process }: Shell, name: string): string | undefined => {
  switch (name) {
    case '?':
      return String(state.status)
    case '$':
      return String(state.pid)
    case '#':
      return String(state.positional.length)
    case '!':
      return state.lastBackground ? String(state.lastBackground) : ''
    case '0':
      return process.name
    default:
      return /^\d+$/.test(name) ? state.positional[Number(name) - 1] : state.find(name)
  }
}

type Parameter = Extract<Part, { is: 'parameter' }>

const isTrim = ({ does }: Parameter): boolean => does[0] === '#' || does[0] === '%'

const isMissing = (value: string | undefined, { does }: Parameter): boolean =>
  value === undefined || (does[0] === ':' && value === '')

/** Whether the argument of a parameter is looked at: otherwise no command in it runs. */
const isArgumentUsed = (value: string | undefined, part: Parameter): boolean =>
  part.does !== 'length' && (isTrim(part) || part.does.endsWith('+') !== isMissing(value, part))

const edit = (
  shell: Shell,
  value: string | undefined,
  part: Parameter,
  argument: string,
): string => {
  const { does, name } = part
  if (does === 'length') return String((value ?? '').length)
  if (isTrim(part)) return trim(value ?? '', does, argument)
  if (does.endsWith('+')) return argument
  if (!isMissing(value, part)) return value as string
  if (does.endsWith('?')) throw new ModelGap(`\${${name}?}`)
  if (does.endsWith('=')) shell.state.set(name, argument)
  return argument
}
