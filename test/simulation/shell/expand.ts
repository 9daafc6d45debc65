import type { Pause } from '../host/kernel.ts'
import { isThere, listPaths, resolvePath } from '../host/open.ts'
import { compute } from './arithmetic.ts'
import { ModelGap } from './gap.ts'
import { isPattern, matches, quotePattern, trim, unquotePattern } from './pattern.ts'
import type { Shell } from './shell.ts'
import type { Part, Word } from './syntax.ts'

type Expansion<T> = Generator<Pause, T, void>

/** Expands words into the arguments of a command: split at blanks, names of files filled in. */
export function* expandFields(shell: Shell, words: readonly Word[]): Expansion<string[]> {
  const fields: string[] = []
  for (const word of words) {
    const [only] = word
    if (word.length === 1 && only?.is === 'text' && (only.quoted || !/[*?[]/.test(only.text)))
      fields.push(only.text)
    else for (const field of yield* expandWord(shell, word)) addPaths(shell, field, fields)
  }
  return fields
}

/** Expands a word to one text; as a pattern, its quoted characters are marked. */
export function* expandText(shell: Shell, word: Word, asPattern = false): Expansion<string> {
  let text = ''
  for (const part of word) {
    const value = yield* expandPart(shell, part)
    const joined = typeof value === 'string' ? value : value.join(' ')
    text += asPattern && part.quoted ? quotePattern(joined) : joined
  }
  return text
}

function* expandWord(shell: Shell, word: Word): Expansion<string[]> {
  const fields: string[] = []
  let open: string | null = null
  for (const part of word) {
    const value = yield* expandPart(shell, part)
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
  return listPaths(shell.process, resolvePath(shell.process, folder || '.'))
    .map(path => path.slice(path.lastIndexOf('/') + 1))
    .filter(file => !file.startsWith('.') || name.startsWith('.'))
    .filter(file => matches(name, file))
    .map(file => folder + file)
}

/** The value of a part; those of `$@` and `$*` one by one. */
function* expandPart(shell: Shell, part: Part): Expansion<string | readonly string[]> {
  const { state } = shell
  switch (part.is) {
    case 'text':
      return part.text
    case 'command':
      return yield* shell.substitute(part.list)
    case 'arithmetic':
      return String(compute(yield* expandText(shell, part.expression), name => state.get(name)))
    case 'parameter': {
      if (part.name === '@') return state.positional
      if (part.name === '*') return part.quoted ? state.positional.join(' ') : state.positional
      const value = readParameter(shell, part.name)
      return part.does === '' ? (value ?? '') : yield* edit(shell, value, part)
    }
  }
}

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
      return /^\d+$/.test(name) ? state.positional[Number(name) - 1] : state.variables.get(name)
  }
}

function* edit(
  shell: Shell,
  value: string | undefined,
  { does, argument, name }: Extract<Part, { is: 'parameter' }>,
): Expansion<string> {
  if (does === 'length') return String((value ?? '').length)
  if (/^[#%]/.test(does)) return trim(value ?? '', does, yield* expandText(shell, argument, true))
  const isMissing = value === undefined || (does.startsWith(':') && value === '')
  if (does.endsWith('+')) return isMissing ? '' : yield* expandText(shell, argument)
  if (!isMissing) return value as string
  if (does.endsWith('?')) throw new ModelGap(`\${${name}?}`)
  const text = yield* expandText(shell, argument)
  if (does.endsWith('=')) shell.state.set(name, text)
  return text
}
