/** What the name of an option, or a tag of its docstring, says about its values. */
import type { ValueType } from '../../lib/operation/value-type.ts'

/** An option's name, and the tags of its docstring by their names. */
export type OptionTags = {
  readonly name: string
  readonly tags: Readonly<Record<string, string>>
}

const WEEK = 7 * 24 * 3600
/** The ranges of numbers whose name says their unit. A tag `@range` says another. */
const ranges: readonly (readonly [RegExp, readonly [number, number]])[] = [
  [/^(?:timeout|lock)Seconds$/, [1, WEEK]],
  [/Seconds$/, [0, 100 * 365 * 24 * 3600]],
  [/Hours$/, [0, 100 * 365 * 24]],
  [/(?:^days|Days)$/, [0, 36_500]],
  [/(?:^ports?|Port)$|^(?:published|target)$/, [1, 65_535]],
  [/^(?:uid|gid|owner|group)$/, [0, 4_294_967_294]],
  [/^status$/, [100, 599]],
  [/^mtu$/, [68, 65_535]],
  [/^mode$/, [0, 0o7777]],
  [/^(?:replicas|parallelism|retries|tasks|strip)$/, [0, 100_000]],
  [/^(?:max_attempts|max_replicas_per_node|pids)$/, [0, 4_194_304]],
  // -1 means without a limit.
  [/^(?:hard|soft|Hard|Soft|shutdown-timeout)$/, [-1, Number.MAX_SAFE_INTEGER]],
]

/**
 * The range of a number: of the tag `@range 1 to 65535`, `@range 0 or more`, `@range 0 to 1, with
 * fractions` or `@range any`; otherwise the one that its name means; otherwise `number`.
 */
export const chooseRange = ({ name, tags }: OptionTags): ValueType => {
  const text = tags['range']
  if (text === undefined) {
    if (name === 'max_failure_ratio') return { number: [0, 1], fraction: true }
    const known = ranges.find(([names]) => names.test(name))
    return known ? { number: known[1] } : 'number'
  }
  const fraction = text.includes('fractions') ? { fraction: true as const } : {}
  if (text.startsWith('any')) return { number: [null, null], ...fraction }
  const [, from, to] = /^(-?[\d.]+) (?:or more|to (-?[\d.]+))/.exec(text) ?? []
  if (from === undefined)
    throw new Error(`@range ${text}: write "1 to 65535", "0 or more" or "any"`)
  return { number: [Number(from), to === undefined ? null : Number(to)], ...fraction }
}

const names = new Set([
  ...['name', 'names', 'user', 'group', 'groups', 'owner', 'account', 'login', 'host'],
  ...['hostname', 'service', 'container', 'node', 'stack', 'bucket', 'registry', 'zone', 'lang'],
  ...['module', 'repo', 'table', 'packages', 'networks', 'suites', 'uris', 'tags', 'question'],
])
const modes = new Set(['mode', 'directories', 'files', 'executables'])

/** The form of a text: of the tag `@form name`, or the one that its name means. */
export const chooseForm = ({ name, tags }: OptionTags): ValueType | null => {
  const form = tags['form']
  if (form !== undefined) return form === 'any' ? 'text' : { form }
  if (modes.has(name)) return { form: 'mode' }
  return names.has(name) ? { form: 'name' } : null
}
