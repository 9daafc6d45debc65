import type { z } from 'zod'
import type { Problem } from '../errors/input-error.ts'
import { formatSuggestion, suggest } from '../errors/suggest.ts'
import type { Path, Source } from './source.ts'

type Issue = z.core.$ZodIssue

/** What the schema found, each with its place, its path and what was probably meant. */
export const findProblems = (type: z.ZodType, source: Source, at: Path = []): Problem[] => {
  const result = type.safeParse(getValue(source.data, at), { reportInput: true })
  const issues = result.success ? [] : result.error.issues
  const meant = new Set<string>()
  const known = (path: Path) => findKeys(type, path)
  for (const issue of issues) {
    if (issue.code !== 'unrecognized_keys') continue
    for (const key of issue.keys)
      meant.add([...issue.path, suggest(key, known(issue.path))].join('\0'))
  }
  return issues
    .filter(issue => !(isMissing(issue) && meant.has(issue.path.join('\0'))))
    .flatMap(issue => describeProblems(issue, source, at, known))
}

/** A path as people write it: `clusters.web.servers.web1.keys[0]`. */
export const formatPath = (path: Path) =>
  path
    .map((step, i) => (typeof step === 'number' ? `[${step}]` : (i > 0 ? '.' : '') + String(step)))
    .join('')

/** The value at a path of plain data. */
export const getValue = (data: unknown, path: Path): unknown =>
  path.reduce<unknown>(
    (at, step) =>
      typeof at === 'object' && at !== null && Object.hasOwn(at, step)
        ? (at as Record<PropertyKey, unknown>)[step]
        : undefined,
    data,
  )

const isMissing = (issue: Issue) => issue.code === 'invalid_type' && issue.input === undefined

const describeProblems = (
  issue: Issue,
  source: Source,
  at: Path,
  known: (path: Path) => string[],
): Problem[] => {
  const path = [...at, ...issue.path]
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map(key => describeUnknownKey([...path, key], source, known(issue.path)))
  const message = path.length === 0 ? 'the inventory:' : `${formatPath(path)}:`
  const part = isMissing(issue) || issue.code === 'invalid_key' ? 'key' : 'value'
  return [
    {
      place: source.place(isMissing(issue) ? path.slice(0, -1) : path, part),
      message: `${message} ${describeIssue(issue)}`,
    },
  ]
}

/** An unknown key, and what was meant: a known one, or a variable of the project's own. */
const describeUnknownKey = (path: Path, source: Source, known: readonly string[]): Problem => {
  const near = formatSuggestion(String(path.at(-1)), known)
  const hint = 'A variable of your own is written below vars: {name: value}.'
  return {
    place: source.place(path, 'key'),
    message: `${formatPath(path)}: unknown key${near}`,
    ...(near === '' && known.includes('vars') ? { next: hint } : {}),
  }
}

const describeIssue = (issue: Issue): string => {
  if (isMissing(issue)) return 'is missing'
  if (issue.code === 'invalid_type')
    return `expected ${kinds[issue.expected] ?? issue.expected}, not ${describeKind(issue.input)}`
  if (issue.code === 'invalid_value') {
    const known = issue.values.map(String)
    return `must be one of ${known.join(', ')}${formatSuggestion(String(issue.input), known)}`
  }
  if (issue.code === 'invalid_key') return issue.issues.map(inner => inner.message).join(', ')
  if (issue.code === 'invalid_union') return `must not be ${describeKind(issue.input)}`
  if (typeof issue.input === 'string' && issue.input !== '')
    return `"${shorten(issue.input)}" ${issue.message}`
  return typeof issue.input === 'number' ? `${issue.input} ${issue.message}` : issue.message
}

const shorten = (text: string) =>
  text.includes('PRIVATE KEY') ? '…' : text.length > 60 ? `${text.slice(0, 60)}…` : text

const kinds: Record<string, string> = {
  string: 'text (in quotes, if it looks like a number)',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map',
  record: 'a map',
}

const describeKind = (value: unknown) => {
  if (value === null) return 'empty'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object') return value instanceof Date ? 'a date' : 'a map'
  return typeof value === 'string' ? `"${shorten(value)}"` : String(value)
}

/** The keys that a schema knows at a path. */
const findKeys = (type: z.ZodType, path: Path): string[] => {
  let at: unknown = unwrapType(type)
  for (const step of path) {
    const def = (
      at as { def?: { shape?: Record<string, unknown>; valueType?: unknown; element?: unknown } }
    ).def
    at = unwrapType(def?.shape?.[String(step)] ?? def?.valueType ?? def?.element)
  }
  return Object.keys((at as { def?: { shape?: object } })?.def?.shape ?? {})
}

const unwrapType = (type: unknown): unknown => {
  const inner = (type as { def?: { innerType?: unknown } })?.def?.innerType
  return inner === undefined ? type : unwrapType(inner)
}
