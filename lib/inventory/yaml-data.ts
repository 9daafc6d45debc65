import { type Alias, isAlias, isMap, isScalar, isSeq, type Node, type YAMLMap } from 'yaml'
import { formatSuggestion } from '../errors/suggest.ts'

/** The node that each alias means. */
export type AliasTargets = WeakMap<Alias, Node>

/** Takes a problem of the file at an offset. */
export type Complain = (offset: number, message: string, next?: string) => void

/** Values that a file may hold, aliases and merges expanded: ten times 5,000 hosts. */
const MOST_VALUES = 1_000_000
/** Levels of maps and lists. hosts.yaml has eight. */
export const MOST_LEVELS = 100

/** The tags of YAML itself that mean nothing else here. Any other one asks for a program. */
const known = new Set(
  ['str', 'int', 'float', 'bool', 'null', 'map', 'seq'].map(name => `tag:yaml.org,2002:${name}`),
)

/**
 * Turns the nodes of a document into plain data. Everything that cannot be, or would not be what
 * the file says, is given to `complain`.
 */
export const composeData = (
  root: Node | null,
  complain: Complain,
): { readonly data: unknown; readonly targets: AliasTargets } => {
  const composer = new Composer(complain)
  return { data: composer.compose(root, 0).data, targets: composer.targets }
}

/** True for a `<<` without quotes. */
export const isMergeKey = (key: unknown): boolean =>
  isScalar(key) && key.value === '<<' && key.type === 'PLAIN'

/**
 * True for the name of something that every object of JavaScript has: a map with such a key is
 * mistaken for another one.
 */
export const isReservedKey = (name: string): boolean => name in Object.prototype

/** A value, how many values it is made of, and how deep they lie. */
type Composed = { readonly data: unknown; readonly size: number; readonly levels: number }

const nothing: Composed = { data: null, size: 1, levels: 0 }

class Composer {
  readonly targets: AliasTargets = new WeakMap()
  readonly #complain: Complain
  /** Null: the anchor is on something that has not ended, so an alias would contain itself. */
  readonly #anchors = new Map<string, { readonly node: Node; composed: Composed | null }>()
  #isTooLarge = false
  #unknownAliases = 0

  constructor(complain: Complain) {
    this.#complain = complain
  }

  compose(node: unknown, level: number): Composed {
    if (node === null || node === undefined) return nothing
    if (isAlias(node)) return this.#expand(node)
    const { anchor, tag } = node as { anchor?: string; tag?: string }
    this.#checkTag(node as Node, tag)
    const entry = { node: node as Node, composed: null as Composed | null }
    if (anchor !== undefined) this.#anchors.set(anchor, entry)
    const composed = this.#checkSize(node as Node, this.#composeValue(node, level))
    entry.composed = composed
    return composed
  }

  #composeValue(node: unknown, level: number): Composed {
    if (isScalar(node)) return this.#composeScalar(node)
    if (level > MOST_LEVELS) return { ...nothing, levels: level }
    if (isMap(node)) return this.#composeMap(node, level)
    if (!isSeq(node)) return nothing
    const items = node.items.map(item => this.compose(item, level + 1))
    return { data: items.map(({ data }) => data), ...measure(items) }
  }

  #composeScalar(node: { value: unknown; source?: string; type?: string | null }): Composed {
    const { value, source = '' } = node
    if (typeof value !== 'number' || node.type !== 'PLAIN') return { ...nothing, data: value }
    const isRounded = Number.isInteger(value) && !Number.isSafeInteger(value)
    if (isRounded && !/[.eE]/.test(source))
      this.#complain(locate(node), `${clip(source)} is too large for a number`, quoteHint)
    if (/^[-+]?0\d/.test(source))
      this.#complain(locate(node), `${clip(source)} begins with 0: is it a text?`, quoteHint)
    return { ...nothing, data: value }
  }

  #composeMap(map: YAMLMap, level: number): Composed {
    const data: Record<string, unknown> = {}
    const own = new Set<string>()
    const merged: Composed[] = []
    const values: Composed[] = []
    for (const { key, value } of map.items) {
      if (isMergeKey(key)) {
        merged.push(...this.#composeMerge(value, level))
        continue
      }
      const name = this.#readKey(key, value)
      const composed = this.compose(value, level + 1)
      values.push(composed)
      if (name === null) continue
      if (own.has(name)) this.#complain(locate(key), `"${clip(name)}" is there twice`)
      own.add(name)
      data[name] = composed.data
    }
    for (const { data: below } of merged)
      for (const [name, value] of Object.entries(below as object))
        if (!Object.hasOwn(data, name)) data[name] = value
    return { data, ...measure([...values, ...merged]) }
  }

  #readKey(key: unknown, value: unknown): string | null {
    const scalar = isAlias(key) ? this.#anchors.get(key.source)?.node : key
    const name = isScalar(scalar) && scalar.value !== null ? String(scalar.value) : ''
    if (!isScalar(scalar) || name === '')
      this.#complain(locate(key) || locate(value), 'this key is not a name')
    else if (isReservedKey(name))
      this.#complain(locate(key), `"${name}" cannot be a key`, 'Choose another name.')
    else return name
    return null
  }

  /** The maps that a `<<` names: one, or a list of them; the first one wins. */
  #composeMerge(value: unknown, level: number): Composed[] {
    const composed = this.compose(value, level + 1)
    const list = Array.isArray(composed.data) ? composed.data : [composed.data]
    const maps = list.filter(one => typeof one === 'object' && one !== null && !Array.isArray(one))
    if (maps.length < list.length)
      this.#complain(
        locate(value),
        '<< takes a map, or a list of maps',
        'Write <<: *name, and &name behind the key of a map that stands before it.',
      )
    return maps.map((data, i) => ({ ...composed, data, size: i === 0 ? composed.size : 0 }))
  }

  #expand(alias: Alias): Composed {
    const found = this.#anchors.get(alias.source)
    if (!found) {
      // To compare every wrong name with every anchor takes minutes; few errors are shown.
      const isShown = this.#unknownAliases++ < 20
      const near = isShown ? formatSuggestion(alias.source, this.#anchors.keys()) : ''
      this.#complain(
        locate(alias),
        `no anchor &${clip(alias.source)} stands before this${near}`,
        `For a text that begins with *, write quotes: "*${clip(alias.source)}"`,
      )
      return nothing
    }
    if (!found.composed) {
      this.#complain(locate(alias), `*${clip(alias.source)} contains itself`)
      return nothing
    }
    this.targets.set(alias, found.node)
    return this.#checkSize(alias, found.composed)
  }

  #checkTag(node: Node, tag: string | undefined): void {
    if (tag === undefined || known.has(tag)) return
    const next = /vault/.test(tag)
      ? 'ansible-vault is not read: keep it with npx zx scripts/secrets.ts set NAME.'
      : 'Write the value itself; a text that begins with ! needs quotes.'
    this.#complain(locate(node), `the tag ${clip(tag)} is not known`, next)
  }

  /** Refuses a short file that expands to more than memory or stack holds, at its place. */
  #checkSize(node: Node, composed: Composed): Composed {
    const isDeep = composed.levels > MOST_LEVELS
    if (composed.size <= MOST_VALUES && !isDeep) return composed
    const message = isDeep
      ? `is nested more than ${MOST_LEVELS} levels deep`
      : `expands to more than ${MOST_VALUES.toLocaleString('en')} values`
    if (!this.#isTooLarge) this.#complain(locate(node), message)
    this.#isTooLarge = true
    return nothing
  }
}

const quoteHint = 'Write it in quotes.'

const measure = (parts: readonly Composed[]): Pick<Composed, 'size' | 'levels'> => ({
  size: parts.reduce((sum, { size }) => sum + size, 1),
  levels: parts.reduce((most, { levels }) => Math.max(most, levels), 0) + 1,
})

const clip = (text: string): string => (text.length > 60 ? `${text.slice(0, 60)}…` : text)

const locate = (node: unknown): number => (node as Node | null)?.range?.[0] ?? 0
