import { pathToFileURL } from 'node:url'
import type { Flag } from '../cli/flags.ts'
import { InputError } from '../errors/input-error.ts'
import { formatSuggestion } from '../errors/suggest.ts'
import { raw } from '../sh.ts'
import type { ReferenceOption } from './reference.ts'

/**
 * How an option is given on a command line. `loose` is JSON where it can be read as such, otherwise
 * a text.
 */
export type Form =
  | 'flag'
  | 'number'
  | 'text'
  | 'texts'
  | 'word'
  | 'secret'
  | 'shell'
  | 'pattern'
  | 'local'
  | 'json'
  | 'loose'

/** Types that have a form of their own. */
const forms: readonly (readonly [Form, RegExp])[] = [
  ['flag', /^boolean$/],
  ['number', /^number$/],
  ['secret', /^Secret$/],
  ['shell', /^Sh$/],
  ['pattern', /^RegExp$/],
  ['local', /^URL$/],
  ['texts', /^readonly (?:string\[\]|\[string, \.\.\.string\[\]\])$/],
  ['word', /^'[^']*'(?: \| '[^']*')*$/],
  ['text', /^(?:string|Path|Payload|`[^`]*`|Buffer|Secret|number| \| )+$/],
  ['json', /^(?:Readonly<Record|readonly |\{)|\[\]$/],
]

/**
 * The form of an option; null where a command line cannot give it: a function, another operation.
 */
export const findForm = ({ type }: ReferenceOption): Form | null => {
  if (
    /=>|\bOperation\b|\bOperationWithPaths\b|\bDeferred\b|\bHmac\b|\bDate\b|<string, Secret>/.test(
      type,
    )
  )
    return null
  return forms.find(([, of]) => of.test(type))?.[0] ?? 'loose'
}

const hints: Partial<Record<Form, string>> = {
  json: 'JSON',
  secret: 'name of a secret of the store',
  texts: 'may be repeated',
  local: 'a file or folder here',
  pattern: 'a regular expression',
}

/** The option as a flag of the command line. */
export const buildFlag = (option: ReferenceOption): Flag | null => {
  const form = findForm(option)
  if (form === null) return null
  const help = `${option.doc}${hints[form] ? ` (${hints[form]})` : ''}`
  if (form === 'flag') return { type: 'boolean', help }
  return { type: 'string', help, ...(form === 'texts' ? { multiple: true } : {}) }
}

/**
 * What was given as the value that the operation wants; `secret` opens the store. Bad input is an
 * InputError that names the option.
 */
export const parseFlagValue = async (
  option: ReferenceOption,
  given: unknown,
  secret: (name: string) => Promise<unknown>,
): Promise<unknown> => {
  const place = `--${option.name}`
  const text = String(given)
  switch (findForm(option)) {
    case 'number':
      if (!/^-?\d+(\.\d+)?$/.test(text))
        throw new InputError({ place, message: `${JSON.stringify(text)} is no number` })
      return Number(text)
    case 'word':
      return parseWord(option, text)
    case 'text':
      return /\bnumber\b/.test(option.type) && /^\d+$/.test(text) ? Number(text) : text
    case 'secret':
      return secret(text)
    case 'shell':
      return raw(text)
    case 'pattern':
      return parsePattern(option, text)
    case 'local':
      return pathToFileURL(text)
    case 'json':
      return parseJson(option, text)
    case 'loose':
      return /^(?:[[{"]|true$|false$|null$|-?\d+(?:\.\d+)?$)/.test(text)
        ? parseJson(option, text)
        : text
    default:
      return given
  }
}

const parseWord = ({ name, type }: ReferenceOption, text: string): string => {
  const words = [...type.matchAll(/'([^']*)'/g)].map(([, word = '']) => word)
  if (!words.includes(text))
    throw new InputError({
      place: `--${name}`,
      message: `${JSON.stringify(text)} is none of ${words.join(', ')}${formatSuggestion(text, words)}`,
    })
  return text
}

const parsePattern = ({ name }: ReferenceOption, text: string): RegExp => {
  try {
    return new RegExp(text)
  } catch (cause) {
    throw new InputError({ place: `--${name}`, message: (cause as Error).message }, { cause })
  }
}

const parseJson = ({ name, type }: ReferenceOption, text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new InputError(
      {
        place: `--${name}`,
        message: 'is no JSON',
        next: `it is ${type}: such as ${type.includes('Record<') ? '\'{"name": "value"}\'' : "'[…]'"}`,
      },
      { cause },
    )
  }
}
