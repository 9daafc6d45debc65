import type { Option } from '../docs/reference.ts'
import type { Flag } from '../flags.ts'
import { InputError } from '../input-error.ts'
import { didYouMean } from '../suggest.ts'

/** How an option of that type is given on a command line; null where it cannot be: a function, another operation. */
export type Form = 'flag' | 'number' | 'text' | 'texts' | 'word' | 'secret' | 'json'

export const formOf = ({ type }: Option): Form | null => {
  if (/=>|\bOperation\b|\bOwning\b|\bNeeded\b|\bHmac\b|\bURL\b|\bDate\b|<string, Secret>/.test(type)) return null
  if (type === 'boolean') return 'flag'
  if (type === 'number') return 'number'
  if (type === 'Secret') return 'secret'
  if (type === 'readonly string[]') return 'texts'
  if (/^'[^']*'(?: \| '[^']*')*$/.test(type)) return 'word'
  return /^(?:string|Path|`[^`]*`|Buffer|Secret|number| \| )+$/.test(type) ? 'text' : 'json'
}

/** The option as a flag of the command line. */
export const flagOf = (option: Option): Flag | null => {
  const form = formOf(option)
  if (form === null) return null
  const hint =
    form === 'json' ? ' (JSON)' : form === 'secret' ? ' (name of a secret of the store)' : form === 'texts' ? ' (may be repeated)' : ''
  const help = `${option.doc}${hint}`
  if (form === 'flag') return { type: 'boolean', help }
  return { type: 'string', help, ...(form === 'texts' ? { multiple: true } : {}) }
}

/** What was given as the value that the operation wants; `secret` opens the store. Bad input is an InputError that names the option. */
export const wanted = async (option: Option, given: unknown, secret: (name: string) => Promise<unknown>): Promise<unknown> => {
  const place = `--${option.name}`
  const text = String(given)
  switch (formOf(option)) {
    case 'number':
      if (!/^-?\d+(\.\d+)?$/.test(text)) throw new InputError({ place, message: `${JSON.stringify(text)} is no number` })
      return Number(text)
    case 'word':
      return oneOf(option, text)
    case 'text':
      return /\bnumber\b/.test(option.type) && /^\d+$/.test(text) ? Number(text) : text
    case 'secret':
      return secret(text)
    case 'json':
      return parsed(option, text)
    default:
      return given
  }
}

const oneOf = ({ name, type }: Option, text: string): string => {
  const words = [...type.matchAll(/'([^']*)'/g)].map(([, word = '']) => word)
  if (!words.includes(text))
    throw new InputError({
      place: `--${name}`,
      message: `${JSON.stringify(text)} is none of ${words.join(', ')}${didYouMean(text, words)}`,
    })
  return text
}

const parsed = ({ name, type }: Option, text: string): unknown => {
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
