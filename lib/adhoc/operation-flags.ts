import type { Flag } from '../cli/flags.ts'
import { InputError } from '../errors/input-error.ts'
import { formatSuggestion } from '../errors/suggest.ts'
import type { Operation } from '../operation.ts'
import { buildFlag, findForm, parseFlagValue } from './flag-value.ts'
import type { OperationReference } from './reference.ts'

/** Finds an operation by its name in the reference: `file`, `apt.packages`. */
export const findReference = (
  name: string,
  references: readonly OperationReference[],
): OperationReference => {
  const found = references.find(reference => reference.name === name)
  const names = references.map(reference => reference.name)
  if (!found)
    throw new InputError({
      place: `--op ${name}`,
      message: `unknown operation${formatSuggestion(name, names)}`,
      next: `Operations: ${names.join(', ')}`,
    })
  const not = found.options.all.find(
    option =>
      option.required &&
      findForm(option) === null &&
      !found.options.forms.flat().includes(option.name),
  )
  if (not)
    throw new InputError({
      place: `--op ${name}`,
      message: `its option ${not.name} (${not.type}) cannot be given on a command line`,
      next: 'Write a playbook.',
    })
  return found
}

/** Builds the flags of an operation's options; a boolean one has a `no-` counterpart too. */
export const buildOperationFlags = ({ options }: OperationReference): Record<string, Flag> =>
  Object.fromEntries(
    options.all.flatMap((option): [string, Flag][] => {
      const flag = buildFlag(option)
      if (!flag) return []
      const off: Flag = { type: 'boolean', help: `the opposite of --${option.name}` }
      return flag.type === 'boolean'
        ? [
            [option.name, flag],
            [`no-${option.name}`, off],
          ]
        : [[option.name, flag]]
    }),
  )

type OperationFactory = (want: object) => Operation | readonly Operation[]

/** Builds the operations that these flags describe. */
export const buildOperations = async (
  reference: OperationReference,
  flags: Readonly<Record<string, unknown>>,
  load: (module: string) => Promise<Record<string, unknown>>,
  secret: (name: string) => Promise<unknown>,
): Promise<readonly Operation[]> => {
  refuseBoth(reference, flags)
  const given = reference.options.all.filter(
    ({ name }) => (flags[name] ?? flags[`no-${name}`]) !== undefined,
  )
  requireOptions(
    reference,
    given.map(({ name }) => name),
  )
  const want: Record<string, unknown> = {}
  for (const option of given)
    want[option.name] = await parseFlagValue(option, flags[option.name] ?? false, secret)
  const [module = '', ...rest] = reference.name.split('.')
  let make: unknown = await load(module)
  for (const key of [module, ...rest]) make = (make as Record<string, unknown>)[key]
  try {
    return [(make as OperationFactory)(want)].flat()
  } catch (cause) {
    throw new InputError(
      { place: `--op ${reference.name}`, message: (cause as Error).message },
      { cause },
    )
  }
}

/** An option that is given together with its opposite: one of them would be dropped. */
const refuseBoth = (
  { options }: OperationReference,
  flags: Readonly<Record<string, unknown>>,
): void => {
  const both = options.all.find(({ name }) => flags[name] && flags[`no-${name}`])
  if (both)
    throw new InputError({
      place: `--${both.name}`,
      message: `is given together with --no-${both.name}`,
      next: 'Give one of them.',
    })
}

/** Checks that required options are given, and that no exclusive ones are combined. */
const requireOptions = (
  { name, options: { all, forms } }: OperationReference,
  given: readonly string[],
): void => {
  const ofForms = new Set(forms.flat())
  const must = all.filter(
    option => option.required && !ofForms.has(option.name) && !given.includes(option.name),
  )
  if (must.length > 0)
    throw new InputError(
      must.map(option => ({
        place: `--${option.name}`,
        message: `is required by --op ${name}`,
        next: option.doc,
      })),
    )
  const chosen = forms.filter(form => given.every(one => !ofForms.has(one) || form.includes(one)))
  const whole = chosen.some(form =>
    form.every(one => given.includes(one) || !all.find(option => option.name === one)?.required),
  )
  if (forms.length > 0 && !whole)
    throw new InputError({
      place: `--op ${name}`,
      message: `either ${forms
        .filter(form => form.length > 0)
        .map(form => form.map(one => `--${one}`).join(', '))
        .join('; or ')}`,
    })
}
