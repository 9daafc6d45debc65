import { Deferred } from '../deferred.ts'
import { formatSuggestion } from '../errors/suggest.ts'
import { Secret } from '../secret.ts'
import { Sh } from '../sh.ts'
import { makeFormsCheck } from './check-forms.ts'
import { describeGiven, describeValueType, isOperationValue } from './describe.ts'
import { type Check, type Fault, findFaults, isObject, joinPath, makeFault } from './fault.ts'
import { textForms } from './text-forms.ts'
import type { KnownValues, ListType, OptionsType, ValueType } from './value-type.ts'

type Types = KnownValues['types']
type Make = (type: ValueType) => Check

/** Makes the check of a type. Named types are made when a value first needs them, and kept. */
export const makeCheck = (types: Types): Make => {
  const kept = new Map<string, Check>()
  const named = (name: string): Check => {
    const known = kept.get(name)
    if (known) return known
    const made = make(types[name] ?? 'any')
    kept.set(name, made)
    return made
  }
  const make = (type: ValueType): Check => {
    if (typeof type === 'string') return makePlainCheck(type, types)
    if ('type' in type)
      return {
        accepts: value => named(type.type).accepts(value),
        explain: (value, at) => named(type.type).explain(value, at),
      }
    if ('list' in type) return makeListCheck(type, types, make)
    if ('map' in type) return makeMapCheck(type, types, make)
    if ('options' in type) return makeFormsCheck([type], [], types, make)
    return 'either' in type ? makeEitherCheck(type, types, make) : makePlainCheck(type, types)
  }
  return make
}

/** Whether a value of the type may be a Secret: what is given in its place is then not shown. */
const mayBeSecret = (type: ValueType): boolean =>
  type === 'Secret' ||
  (typeof type === 'object' && 'either' in type && type.either.some(mayBeSecret))

const makePlainCheck = (type: ValueType, types: Types): Check => ({
  accepts: makeTest(type),
  explain: (value, at) => [refuse(type, value, at, types)],
})

/** The fault of a value that is not of its type. */
const refuse = (type: ValueType, value: unknown, at: string, types: Types): Fault => {
  const given = describeGiven(value, mayBeSecret(type))
  const form = typeof type === 'object' && 'form' in type ? textForms[type.form] : undefined
  if (form && typeof value === 'string')
    return makeFault(at, `${given} is not ${form.noun}`, form.write)
  const near =
    typeof type === 'object' && 'is' in type && typeof value === 'string'
      ? formatSuggestion(value, type.is.map(String))
      : ''
  return makeFault(at, `${given} is not possible${near}`, advise(type, value, types))
}

const advise = (type: ValueType, value: unknown, types: Types): string => {
  const expected = `it is ${describeValueType(type, types)}`
  if (value instanceof Promise) return `await it; ${expected}`
  if (typeof type !== 'object' || !('list' in type) || Array.isArray(value)) return expected
  if (!makeCheck(types)(type.list).accepts(value)) return expected
  const isShown = typeof value === 'string' && !mayBeSecret(type.list)
  return `write [${isShown ? `'${describeGiven(value).slice(1, -1)}'` : '…'}]; ${expected}`
}

/** The test of a type without parts. */
const makeTest = (type: ValueType): ((value: unknown) => boolean) => {
  if (typeof type === 'string') return tests[type] ?? (() => true)
  if ('is' in type) return value => type.is.includes(value as string)
  if ('form' in type) {
    const form = textForms[type.form]
    return value => typeof value === 'string' && (form?.match.test(value) ?? true)
  }
  if ('like' in type) {
    const pattern = new RegExp(type.match, 's')
    return value => typeof value === 'string' && pattern.test(value)
  }
  if ('number' in type) {
    const [from, to] = type.number
    return value =>
      (type.fraction ? Number.isFinite(value) : Number.isSafeInteger(value)) &&
      (from === null || (value as number) >= from) &&
      (to === null || (value as number) <= to)
  }
  return () => true
}

const tests: Readonly<Record<string, (value: unknown) => boolean>> = {
  any: () => true,
  text: value => typeof value === 'string',
  number: Number.isFinite,
  boolean: value => typeof value === 'boolean',
  null: value => value === null,
  function: value => typeof value === 'function',
  operation: isOperationValue,
  'operation with paths': value => isOperationValue(value) && Array.isArray(value.paths),
  Secret: value => value instanceof Secret,
  Sh: value => value instanceof Sh,
  Deferred: value => value instanceof Deferred,
  Buffer: Buffer.isBuffer,
  Date: value => value instanceof Date && !Number.isNaN(value.getTime()),
  RegExp: value => value instanceof RegExp,
  // Each names a file of this machine, which is read when the operation is made.
  URL: value => value instanceof URL && value.protocol === 'file:',
}

/** How many wrong elements of one list are shown. */
const SHOWN = 5

const makeListCheck = (type: ListType, types: Types, make: Make): Check => {
  const rest = make(type.list)
  const first = (type.first ?? []).map(make)
  const { least = 0, most = Number.POSITIVE_INFINITY } = type
  const isLong = ({ length }: readonly unknown[]) => length >= least && length <= most
  const isRight = (value: unknown, i: number) => (first[i] ?? rest).accepts(value)
  return {
    // Array.from: a hole in a list is undefined.
    accepts: value => Array.isArray(value) && isLong(value) && Array.from(value).every(isRight),
    explain: (value, at) => {
      if (!Array.isArray(value) || !isLong(value)) return [refuse(type, value, at, types)]
      const wrong = Array.from(value, (one, i) => ({ one, i })).filter(
        ({ one, i }) => !isRight(one, i),
      )
      const faults = wrong
        .slice(0, SHOWN)
        .flatMap(({ one, i }) =>
          (first[i] ?? rest).explain(one, `${at}[${i}]`).map(adviseEntry(one)),
        )
      return wrong.length <= SHOWN
        ? faults
        : [...faults, makeFault(at, `${wrong.length - SHOWN} more entries are not possible`)]
    },
  }
}

/** Says how an entry is left out that is not always wanted. */
const adviseEntry =
  (value: unknown) =>
  (fault: Fault): Fault =>
    value === undefined || value === false || value === null
      ? { ...fault, next: 'an entry that is not always wanted: ...(when ? [entry] : [])' }
      : Array.isArray(value) && value.length > 0 && value.every(isOperationValue)
        ? { ...fault, next: 'spread the list: ...timer({ … })' }
        : fault

const makeMapCheck = (
  type: ValueType & { readonly map: ValueType },
  types: Types,
  make: Make,
): Check => {
  const check = make(type.map)
  return {
    accepts: value => isObject(value) && Object.values(value).every(check.accepts),
    explain: (value, at) =>
      isObject(value)
        ? Object.entries(value).flatMap(([name, one]) => findFaults(check, one, joinPath(at, name)))
        : [refuse(type, value, at, types)],
  }
}

const makeEitherCheck = (
  type: ValueType & { readonly either: readonly ValueType[] },
  types: Types,
  make: Make,
): Check => {
  const all = type.either.flatMap(one => flatten(one, types))
  const forms = all.filter((one): one is OptionsType => typeof one === 'object' && 'options' in one)
  const others = all.filter(one => typeof one !== 'object' || !('options' in one))
  const ofForms = forms.length > 0 ? makeFormsCheck(forms, others, types, make) : null
  const rest = others.map(one => ({ one, check: make(one) }))
  const isInside = (one: ValueType, value: unknown) =>
    typeof one === 'object' &&
    (('list' in one && Array.isArray(value)) ||
      (('map' in one || 'type' in one) && isObject(value)))
  return {
    accepts: value =>
      rest.some(({ check }) => check.accepts(value)) || ofForms?.accepts(value) === true,
    explain: (value, at) => {
      if (ofForms && isObject(value)) return ofForms.explain(value, at)
      const inside = rest.find(({ one }) => isInside(one, value))
      return inside ? inside.check.explain(value, at) : [refuse(type, value, at, types)]
    },
  }
}

/** The members of a type, those of named and of nested unions too. */
const flatten = (type: ValueType, types: Types): readonly ValueType[] => {
  if (typeof type === 'string') return [type]
  if ('type' in type) {
    const named = types[type.type] ?? 'any'
    return typeof named === 'object' && ('either' in named || 'options' in named)
      ? flatten(named, types)
      : [type]
  }
  return 'either' in type ? type.either.flatMap(one => flatten(one, types)) : [type]
}
