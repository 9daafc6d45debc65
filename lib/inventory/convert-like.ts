import { InputError } from '../errors/input-error.ts'
import { readExactNumber } from './exact-number.ts'
import { isTree } from './layers.ts'

/**
 * Turns the text of a `-e NAME=TEXT` into the kind of the value that it replaces. One that is not
 * of that kind is an InputError: the text `False` would count as true in a playbook.
 */
export const convertLike = (before: unknown, text: string, name: string): unknown => {
  if (typeof before === 'number') return readExactNumber(text) ?? refuse(name, text, 'a number')
  if (typeof before === 'boolean') return readSwitch(text) ?? refuse(name, text, 'true or false')
  if (Array.isArray(before)) return splitList(before, text)
  return isTree(before) ? refuse(name, text, 'a map') : text
}

const readSwitch = (text: string): boolean | null => {
  if (/^(true|yes|on)$/i.test(text)) return true
  return /^(false|no|off)$/i.test(text) ? false : null
}

/** The parts of a list; numbers if the list before had numbers only. */
const splitList = (before: readonly unknown[], text: string): readonly unknown[] => {
  const parts = text === '' ? [] : text.split(',')
  const numbers = parts.map(readExactNumber)
  const isNumeric = before.length > 0 && before.every(item => typeof item === 'number')
  return isNumeric && !numbers.includes(null) ? numbers : parts
}

const refuse = (name: string, text: string, kind: string): never => {
  throw new InputError({
    place: '-e',
    message: `${name}: "${text}" must be ${kind}, like the value before`,
    next: `For a value of another kind give JSON: -e '${JSON.stringify({ [name]: text })}'`,
  })
}
