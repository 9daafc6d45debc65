import { formatSuggestion } from '../errors/suggest.ts'
import { describeGiven, describeValueType } from './describe.ts'
import { type Check, type Fault, findFaults, isObject, joinPath, makeFault } from './fault.ts'
import type { KnownValues, OptionsType, ValueType } from './value-type.ts'

type Option = { readonly type: ValueType; readonly required: boolean; readonly check: Check }
/** One form of some options. */
type Form = ReadonlyMap<string, Option>
type Given = Readonly<Record<string, unknown>>

/**
 * Makes the check of options that have one form or several, each with its own options:
 * `content` or `source`. `others`: what else the value may be, for the advice.
 */
export const makeFormsCheck = (
  types: readonly OptionsType[],
  others: readonly ValueType[],
  known: KnownValues['types'],
  make: (type: ValueType) => Check,
): Check => {
  const forms = types.map(type => readForm(type, make))
  const names = [...new Set(forms.flatMap(form => [...form.keys()]))]
  const words = new Map(names.map(name => [name, listWords(forms, name)]))
  return {
    accepts: value => isObject(value) && forms.some(form => fits(form, value)),
    explain: (value, at) => {
      if (!isObject(value))
        return [
          makeFault(
            at,
            `${describeGiven(value)} is not possible`,
            `it is ${describeValueType({ either: [...types, ...others] }, known)}`,
          ),
        ]
      // An option that is undefined counts as not given.
      const given = Object.keys(value).filter(name => value[name] !== undefined)
      const odd = given.filter(name => isOdd(words.get(name), value[name]))
      const faults = [
        ...given.filter(name => !words.has(name)).map(name => refuseName(at, name, names)),
        ...odd.map(name => refuseWord(joinPath(at, name), value[name], words.get(name) ?? [])),
      ]
      const rest = given.filter(name => words.has(name) && !odd.includes(name))
      const found = chooseForm(forms, value, rest, at, known)
      return faults.length === 0 ? found.all : [...faults, ...found.ofValues]
    },
  }
}

/** Whether these options are complete and right in one form. */
const fits = (form: Form, value: Given): boolean => {
  for (const name in value)
    if (value[name] !== undefined && !form.get(name)?.check.accepts(value[name])) return false
  for (const [name, { required }] of form) if (required && value[name] === undefined) return false
  return true
}

const readForm = ({ options }: OptionsType, make: (type: ValueType) => Check): Form =>
  new Map(
    Object.entries(options).map(([key, type]) => {
      const required = !key.endsWith('?')
      return [required ? key : key.slice(0, -1), { type, required, check: make(type) }]
    }),
  )

type Words = readonly (string | number | boolean)[]
const readWords = (type: ValueType): Words | null =>
  typeof type === 'object' && 'is' in type ? type.is : null

/** The words that an option may be in any of the forms; null if it may be something else too. */
const listWords = (forms: readonly Form[], name: string): Words | null => {
  const all = forms.flatMap(form => form.get(name) ?? []).map(({ type }) => readWords(type))
  return all.includes(null) ? null : [...new Set((all as Words[]).flat())]
}

const isOdd = (words: Words | null | undefined, value: unknown): boolean =>
  Boolean(words) && !words?.includes(value as string)

const refuseName = (at: string, name: string, names: readonly string[]): Fault => ({
  at,
  message: `there is no option ${joinPath(at, name)}${formatSuggestion(name, names)}`,
  next: names.length === 0 ? 'it takes none' : `it takes ${names.join(', ')}`,
})

const refuseWord = (at: string, value: unknown, words: Words): Fault => {
  const near = typeof value === 'string' ? formatSuggestion(value, words.map(String)) : ''
  return makeFault(
    at,
    `${describeGiven(value)} is not possible${near}`,
    words.length === 1
      ? `it is ${JSON.stringify(words[0])}`
      : `it is one of ${words.map(String).join(', ')}`,
  )
}

/** What one form says of the options given. */
type Verdict = {
  readonly form: Form
  readonly ofValues: readonly Fault[]
  /** Options that it does not have. */
  readonly foreign: readonly string[]
  /** Options that it requires and that are not given. */
  readonly missing: readonly string[]
  /** How far it is from what is given. */
  readonly score: number
}

const chooseForm = (
  forms: readonly Form[],
  value: Given,
  given: readonly string[],
  at: string,
  known: KnownValues['types'],
): { readonly all: readonly Fault[]; readonly ofValues: readonly Fault[] } => {
  const verdicts = forms.map(form => judge(form, value, given, at))
  const [best = verdicts[0] as Verdict] = verdicts.toSorted((a, b) => a.score - b.score)
  const foreign = best.foreign.map(name => refuseForeign(forms, value, given, name, at))
  const missing = foreign.length > 0 ? [] : listMissing(verdicts, best, at, known)
  return { all: [...best.ofValues, ...foreign, ...missing], ofValues: best.ofValues }
}

const addDefault = (fault: Fault): Fault => ({
  ...fault,
  next: `leave it out for its default; ${fault.next ?? ''}`,
})

const judge = (form: Form, value: Given, given: readonly string[], at: string): Verdict => {
  let wordsApart = 0
  const ofValues: Fault[] = []
  const foreign: string[] = []
  for (const name of given) {
    const option = form.get(name)
    if (!option) foreign.push(name)
    else {
      const found = findFaults(option.check, value[name], joinPath(at, name))
      if (found.length > 0 && readWords(option.type)) wordsApart++
      ofValues.push(...(value[name] === null && !option.required ? found.map(addDefault) : found))
    }
  }
  const missing: string[] = []
  let decisive = 0
  for (const [name, { required, type }] of form)
    if (required && value[name] === undefined) {
      missing.push(name)
      if (readWords(type)) decisive++
    }
  const score =
    10 * (wordsApart + foreign.length) + 5 * decisive + 2 * ofValues.length + missing.length
  return { form, ofValues, foreign, missing, score }
}

/** An option that excludes another one that is given. */
const refuseForeign = (
  forms: readonly Form[],
  value: Given,
  given: readonly string[],
  name: string,
  at: string,
): Fault => {
  const having = forms.filter(form => form.has(name))
  const others = given.filter(one => one !== name)
  const other =
    others.find(one => !having.some(form => form.has(one))) ??
    others.find(one => !having.some(form => form.get(one)?.check.accepts(value[one])))
  const words = forms.flatMap(form => readWords(form.get(other ?? '')?.type ?? 'any') ?? [])
  const shown =
    other !== undefined && words.length > 0 ? `${other}: ${describeGiven(value[other])}` : other
  return {
    at,
    message: `${joinPath(at, name)} does not go together with ${shown ?? 'the other options'}`,
    next: 'leave one of them out',
  }
}

/** What is missing: in the best form, or in each of those that need nothing else. */
const listMissing = (
  verdicts: readonly Verdict[],
  best: Verdict,
  at: string,
  known: KnownValues['types'],
): readonly Fault[] => {
  const near = verdicts.filter(
    one => one.foreign.length === 0 && one.score - one.missing.length === scoreOf(best),
  )
  const all = [...new Set(near.map(({ missing }) => missing.join('\0')))]
    .filter(set => set !== '')
    .map(set => set.split('\0'))
  // Who needs no more than one of them is not told of a form that needs it and others.
  const sets = all.filter(
    set => !all.some(one => one !== set && one.every(name => set.includes(name))),
  )
  if (sets.length > 1)
    return [makeFault(at, `${sets.map(set => set.join(' and ')).join(' or ')} is expected`)]
  return best.missing.map(name => ({
    at,
    message: `${joinPath(at, name)} is expected`,
    next: `it is ${describeValueType(best.form.get(name)?.type ?? 'any', known)}`,
  }))
}
const scoreOf = ({ score, missing }: Verdict): number => score - missing.length
