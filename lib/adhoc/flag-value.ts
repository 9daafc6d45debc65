import { pathToFileURL } from 'node:url'
import type { Flag } from '../cli/flags.ts'
import { InputError } from '../errors/input-error.ts'
import { formatSuggestion } from '../errors/suggest.ts'
import { readExactNumber } from '../inventory/exact-number.ts'
import { raw } from '../sh.ts'
import type { ReferenceOption } from './reference.ts'

/**
 * How a command line gives an option. A `loose` one is JSON if it looks like JSON, otherwise text.
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

/** Forms by the types of options, in order. */
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

/** Finds the form of an option; null if a command line cannot give it, such as a function. */
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
  secret: 'name of a secret in the store',
  texts: 'may be repeated',
  local: 'a file or folder on this machine',
  pattern: 'a regular expression',
}

/** Builds the flag of an option; null if a command line cannot give it. */
export const buildFlag = (option: ReferenceOption): Flag | null => {
  const form = findForm(option)
  if (form === null) return null
  const help = `${option.doc}${hints[form] ? ` (${hints[form]})` : ''}`
  if (form === 'flag') return { type: 'boolean', help }
  return { type: 'string', help, canBeEmpty: true, ...(form === 'texts' ? { multiple: true } : {}) }
}

/**
 * Parses the value of a flag for its operation; `secret` reads from the store. Bad input is an
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
      return readExactNumber(text) ?? refuseNumber(place, text)
    case 'word':
      return parseWord(option, text)
    case 'text':
      return /\bnumber\b/.test(option.type) && /^\d+$/.test(text)
        ? (readExactNumber(text) ?? text)
        : text
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
      if (/^-?\d+(?:\.\d+)?$/.test(text)) return readExactNumber(text) ?? refuseNumber(place, text)
      return /^(?:[[{"]|true$|false$|null$)/.test(text) ? parseJson(option, text) : text
    default:
      return given
  }
}

const refuseNumber = (place: string, text: string): never => {
  const near = text.replace(/^(-?)0+(?=\d)/, '$1')
  const reason = near === text ? 'is not a number, or one that would be rounded' : 'begins with 0'
  throw new InputError({ place, message: `${JSON.stringify(text)} ${reason}` })
}

const parseWord = ({ name, type }: ReferenceOption, text: string): string => {
  const words = [...type.matchAll(/'([^']*)'/g)].map(([, word = '']) => word)
  if (!words.includes(text))
    throw new InputError({
      place: `--${name}`,
      message:
        `${JSON.stringify(text)} is not one of ${words.join(', ')}` + formatSuggestion(text, words),
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
    const example = type.includes('Record<') ? '\'{"name": "value"}\'' : "'[…]'"
    throw new InputError(
      {
        place: `--${name}`,
        message: 'must be JSON',
        next: `Its type is ${type}. Example: ${example}`,
      },
      { cause },
    )
  }
}
