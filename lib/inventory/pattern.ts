import picomatch from 'picomatch'
import { InputError } from '../errors/input-error.ts'
import { readTextFile } from '../errors/read-text.ts'
import { formatNames, formatSuggestion } from '../errors/suggest.ts'
import type { Cluster, Host, Inventory } from './inventory.ts'
import { matchNames } from './match-names.ts'

/**
 * The hosts that a pattern names, in the inventory's order. As in Ansible: `all`, a host, a
 * cluster, an environment or group, `a:b` or `a,b`
 * (both), `a:&b` (in both), `a:!b` (not in b), `web*`, `~regex`, `web[0]`, `web[-1]`, `web[0:2]`
 * (the third included), `@retry-file`.
 * `limit` is a second pattern that they must match too. A name that is unknown, and a pattern that
 * matches nothing, are errors.
 */
export const selectHosts = (inventory: Inventory, pattern: string, limit?: string): Host[] => {
  const hosts = matchHosts(inventory, pattern)
  if (limit === undefined) return hosts
  const allowed = new Set(matchHosts(inventory, limit))
  const left = hosts.filter(host => allowed.has(host))
  if (left.length === 0)
    throw new InputError({
      place: `--limit ${limit}`,
      message: `leaves none of the hosts of "${pattern}"`,
      next: listKnown(inventory),
    })
  return left
}

/** The cluster of that name. */
export const findCluster = ({ clusters }: Inventory, name: string): Cluster => {
  const found = clusters.get(name)
  if (!found)
    throw new InputError({
      place: name,
      message: 'no such cluster',
      next: `There are: ${formatNames(clusters.keys())}.`,
    })
  return found
}

const matchHosts = (inventory: Inventory, pattern: string): Host[] => {
  const terms = parseTerms(pattern)
  if (terms.length === 0) throw makeNoMatchError(inventory, pattern)
  const sets = (sign: '' | '&' | '!') =>
    terms
      .filter(term => term.sign === sign)
      .map(({ text }) => findMembers(inventory, text, pattern, sign))
  const [any, every, none] = [sets(''), sets('&'), sets('!')]
  const hosts = [...inventory.hosts.values()].filter(
    host =>
      (any.length === 0 || any.some(set => set.has(host))) &&
      every.every(set => set.has(host)) &&
      !none.some(set => set.has(host)),
  )
  if (hosts.length === 0) throw makeNoMatchError(inventory, pattern)
  return hosts
}

interface Term {
  readonly sign: '' | '&' | '!'
  readonly text: string
}

/** The parts between `:` and `,`, but for those inside brackets (a slice, a regular expression). */
const parseTerms = (pattern: string): Term[] => {
  const parts = ['']
  let depth = 0
  for (const letter of pattern) {
    if ('[({'.includes(letter)) depth++
    if ('])}'.includes(letter)) depth--
    if (depth <= 0 && ':,'.includes(letter)) parts.push('')
    else parts[parts.length - 1] += letter
  }
  return parts.map(part => part.trim()).flatMap(part => (part === '' ? [] : [parseTerm(part)]))
}

const parseTerm = (part: string): Term => {
  const sign = part.startsWith('&') ? '&' : part.startsWith('!') ? '!' : ''
  return { sign, text: part.slice(sign.length).trim() }
}

const findMembers = (
  inventory: Inventory,
  text: string,
  pattern: string,
  sign: string,
): ReadonlySet<Host> => {
  if (text.startsWith('@')) return findListedHosts(inventory, text.slice(1))
  const [, base = text, subscript] =
    inventory.hosts.has(text) || text.startsWith('~')
      ? []
      : (/^(.+)\[(-?\d+|-?\d*:-?\d*)\]$/.exec(text) ?? [])
  const named = findNamed(inventory, base, pattern)
  const members = subscript === undefined ? named : sliceHosts(named, subscript)
  // Excluding what is not there is harmless where a wildcard was written; a plain name was checked
  // above.
  if (members.length === 0 && sign === '' && !isEmptyGroup(inventory, base))
    throw makeNoMatchError(inventory, text)
  return new Set(members)
}

const isEmptyGroup = ({ groups }: Inventory, name: string) => groups.get(name)?.length === 0

const findNamed = (inventory: Inventory, text: string, pattern: string): readonly Host[] => {
  const { hosts, groups } = inventory
  if (text === 'all' || text === '*') return [...hosts.values()]
  const exact = hosts.get(text)
  if (exact) return [exact]
  const group = groups.get(text)
  if (group) return group
  const expression = compileTerm(text, pattern)
  if (!expression) throw makeUnknownError(inventory, text)
  const matching = matchNames(
    expression,
    [...groups.keys(), ...hosts.keys()],
    `pattern "${pattern}"`,
  )
  const inGroups = new Set(
    [...groups].flatMap(([name, members]) => (matching.has(name) ? members : [])),
  )
  return [...hosts.values()].filter(host => inGroups.has(host) || matching.has(host.name))
}

/** The expression of `~regex` or of a glob; null for a plain name. */
const compileTerm = (text: string, pattern: string): RegExp | null => {
  const place = `pattern "${pattern}"`
  const isExpression = text.startsWith('~')
  if (!isExpression && !/[*?[\]{}()]/.test(text)) return null
  if (text === '~')
    throw new InputError({ place, message: 'there is no expression after ~', next: '~^web[0-9]+$' })
  try {
    return isExpression
      ? new RegExp(text.slice(1))
      : picomatch.makeRe(text, { nonegate: true, dot: true })
  } catch (cause) {
    throw new InputError({ place, message: (cause as Error).message }, { cause })
  }
}

/** Ansible's subscripts: both ends are included, negative ones count from the end. */
const sliceHosts = (hosts: readonly Host[], subscript: string): readonly Host[] => {
  const index = (text: string) => (Number(text) < 0 ? hosts.length + Number(text) : Number(text))
  if (!subscript.includes(':'))
    return hosts.slice(Math.max(0, index(subscript))).slice(0, index(subscript) < 0 ? 0 : 1)
  const [from = '', to = ''] = subscript.split(':')
  return hosts.slice(
    from === '' ? 0 : Math.max(0, index(from)),
    to === '' ? hosts.length : Math.max(0, index(to) + 1),
  )
}

const findListedHosts = (inventory: Inventory, file: string): ReadonlySet<Host> => {
  const lines = readHostList(file)
    .split('\n')
    .map((text, i) => ({ name: text.split('#', 1).join('').trim(), place: `${file}:${i + 1}:1` }))
  const names = lines.filter(({ name }) => name !== '')
  const problems = names
    .filter(({ name }) => !inventory.hosts.has(name))
    .map(({ name, place }, i) =>
      // To compare every wrong name with every host takes minutes; few errors are shown.
      i < 20
        ? { ...makeUnknownError(inventory, name).problems[0]!, place }
        : { message: `no host is named "${name}"`, place },
    )
  if (problems.length > 0) throw new InputError(problems)
  return new Set(names.map(({ name }) => inventory.hosts.get(name)!))
}

const readHostList = (file: string) =>
  readTextFile(file, {
    place: `@${file}`,
    missing: 'there is no such file of hosts',
    next: 'Give the path of a file with one host a line.',
  })

const makeUnknownError = (inventory: Inventory, name: string) => {
  const { absent, hosts, groups } = inventory
  if (absent.names.has(name)) {
    return new InputError({
      message: `${name} is in the inventory, but not in the ${absent.overlay}`,
      next: listKnown(inventory),
    })
  }
  const near = formatSuggestion(name, [...hosts.keys(), ...groups.keys(), 'all'])
  return new InputError({
    message: `no host or group is named "${name}"${near}`,
    next: near === '' ? listKnown(inventory) : undefined,
  })
}

const makeNoMatchError = (inventory: Inventory, pattern: string) =>
  new InputError({
    message: `the pattern "${pattern}" matches no host`,
    next: listKnown(inventory),
  })

const listKnown = ({ hosts, groups }: Inventory) =>
  [
    ...(groups.size > 0 ? [`Groups: ${formatNames(groups.keys())}.`] : []),
    `Hosts: ${formatNames(hosts.keys())}.`,
  ].join(' ')
