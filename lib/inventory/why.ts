import { InputError } from '../errors/input-error.ts'
import { formatSuggestion } from '../errors/suggest.ts'
import type { Inventory, Subject } from './inventory.ts'
import { isTree } from './layers.ts'

/** One place that sets a variable. */
export interface Setting {
  /** Who sets it: `default`, `all`, `cluster brd-infra-stage`, `-e`, `lab`. */
  readonly level: string
  /** `hosts.yaml:12:5`, or the level's name if it has no file. */
  readonly place: string
  readonly value: unknown
}
/**
 * A variable, and the places that set it, the one that wins first. A map that is merged has all of
 * its parts.
 */
export interface Reason {
  readonly subject: string
  readonly variable: string
  readonly value: unknown
  readonly settings: readonly Setting[]
}

/**
 * Explains why a variable has its value: `infra-stage.timezone`, `stage.acme.email`,
 * `brd-infra-stage.domain`.
 */
export const explainVariable = (inventory: Inventory, question: string): Reason => {
  const [subject, path] = parseQuestion(inventory, question)
  const settings = subject.layers.flatMap(layer => {
    const value = getVariable(layer.values, path)
    return value === undefined ? [] : [{ level: layer.level, place: layer.place(path), value }]
  })
  if (settings.length === 0) throw makeUnsetError(subject, path)
  return {
    subject: subject.name,
    variable: path.join('.'),
    value: getVariable(subject.vars, path),
    settings: settings.toReversed(),
  }
}

/** A reason as text: the value, the place that sets it, and what it overrode. */
export const formatReason = ({ subject, variable, value, settings }: Reason) => {
  const below = isTree(value) ? 'merged over' : 'overrode'
  const width = Math.max(...settings.map(setting => formatPlace(setting).length))
  const rows = settings.map(
    (setting, i) =>
      `  ${(i === 0 ? 'set by' : below).padEnd(11)}  ${formatPlace(setting).padEnd(width)}  ` +
      formatValue(setting.value),
  )
  return [`${subject}.${variable} = ${formatValue(value)}`, ...rows].join('\n')
}

const formatPlace = ({ place, level }: Setting) => (place === level ? place : `${place} (${level})`)

const formatValue = (value: unknown) =>
  typeof value === 'string' ? value : (JSON.stringify(value) ?? 'unset')

const getVariable = (values: unknown, path: readonly string[]) =>
  path.reduce<unknown>(
    (tree, name) => (isTree(tree) && Object.hasOwn(tree, name) ? tree[name] : undefined),
    values,
  )

/** Takes the longest known name before a dot as the subject: host names may have dots. */
const parseQuestion = (inventory: Inventory, question: string): [Subject, string[]] => {
  const steps = question.split('.')
  for (let length = steps.length - 1; length > 0; length--) {
    const name = steps.slice(0, length).join('.')
    const subject =
      inventory.hosts.get(name) ?? inventory.environments.get(name) ?? inventory.clusters.get(name)
    if (subject) return [subject, steps.slice(length)]
  }
  const names = [
    ...inventory.hosts.keys(),
    ...inventory.environments.keys(),
    ...inventory.clusters.keys(),
  ]
  if (names.includes(question))
    throw new InputError({
      message: `${question} needs a variable`,
      next: `For example: ${question}.timezone`,
    })
  throw new InputError({
    message: `nothing is named "${steps[0]}"${formatSuggestion(steps[0] ?? '', names)}`,
    next: 'Ask as host.variable, environment.variable or cluster.variable.',
  })
}

const makeUnsetError = (subject: Subject, path: string[]) => {
  const around = getVariable(subject.vars, path.slice(0, -1))
  const near = isTree(around) ? formatSuggestion(path.at(-1) ?? '', Object.keys(around)) : ''
  return new InputError({ message: `${path.join('.')} is not set for ${subject.name}${near}` })
}
