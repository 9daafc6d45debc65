import type { Flag } from '../cli/flags.ts'
import { OptionError } from '../errors/option-error.ts'
import { makeCheck } from '../operation/check-value.ts'
import { type Fault, findFaults } from '../operation/fault.ts'
import type { ValueType } from '../operation/value-type.ts'
import type { FactOptions } from './facts/gather.ts'
import type { PlayOptions } from './options.ts'

const share: ValueType = {
  either: [{ number: [1, null] }, { like: '30%', match: '^\\d+(\\.\\d+)?%$' }],
}
type Names = `${keyof (PlayOptions & FactOptions<Record<never, never>>)}?`
const checkPlay = makeCheck({})({
  options: {
    'serial?': { either: [share, { list: share, least: 1 }] },
    'maxFail?': { either: [{ number: [0, null] }, share] },
    'facts?': { map: 'any' },
    'factsCache?': { number: [0, null], fraction: true },
  } satisfies Record<Names, ValueType>,
})

const flag: ValueType = {
  options: {
    type: { is: ['string', 'boolean'] },
    'short?': 'text',
    'multiple?': { is: [true] },
    'required?': { is: [true] },
    'default?': 'text',
    'canBeEmpty?': { is: [true] },
    'value?': 'text',
    help: 'text',
  } satisfies Record<OptionKeys<Flag>, ValueType>,
}
type OptionKeys<T> = {
  [K in keyof T & string]-?: Record<never, never> extends Pick<T, K> ? `${K}?` : K
}[keyof T & string]
const checkPlaybook = makeCheck({})({
  options: { 'about?': 'text', 'flags?': { map: flag }, 'words?': 'text', 'from?': 'text' },
})

/** Throws an OptionError for options of `playbook()` that are misspelt or not possible. */
export const checkPlaybookOptions = (options: unknown): void =>
  refuse('playbook()', findFaults(checkPlaybook, options))

/** Throws an OptionError for options of a play that are misspelt or not possible. */
export const checkPlayOptions = (name: string, options: unknown): void =>
  refuse(`the play ${name}`, findFaults(checkPlay, options))

const refuse = (place: string, faults: readonly Fault[]): void => {
  if (faults.length > 0)
    throw new OptionError(faults.map(({ message, next }) => ({ place, message, next })))
}
