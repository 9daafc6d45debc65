import { readFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
} from 'yaml'
import { InputError, type Problem } from '../errors/input-error.ts'
import { importSource } from '../startup/import-source.ts'
import { refuseAnsible } from './refuse-ansible.ts'

/** Names that lead from the root of a file to a value in it. */
export type Path = readonly PropertyKey[]

/** What a file says, and where it says it. */
export interface Source {
  readonly data: unknown
  /**
   * `file:line:column` of the value at a path, of its key on request, or of the nearest thing
   * around it.
   */
  place(path: Path, part?: 'key' | 'value'): string
}

/** The path as people write it: relative if the file is below the working directory. */
const shortenPath = (file: string) => {
  const near = relative(process.cwd(), file)
  return near === '' || near.startsWith('..') ? file : near
}

/**
 * Parses a YAML file. One InputError names all syntax errors and repeated keys. Positions are
 * computed when they are needed.
 */
export const parseYaml = (text: string, file: string): Source => {
  const lines = new LineCounter()
  // The parser's own check of unique keys is quadratic: 0.24 s for 5,000 hosts. Ours is below.
  const doc = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    merge: true,
    stringKeys: true,
    uniqueKeys: false,
  })
  const at = (offset: number) =>
    `${shortenPath(file)}:${lines.linePos(offset).line}:${lines.linePos(offset).col}`
  const problems: Problem[] = doc.errors.map(error => ({
    place: at(error.pos[0]),
    message: error.message,
  }))
  if (problems.length === 0)
    findDuplicates(doc.contents, key =>
      problems.push({ place: at(key.range?.[0] ?? 0), message: `"${key}" is there twice` }),
    )
  if (problems.length > 0) throw new InputError(problems)
  return {
    data: doc.toJS({ maxAliasCount: 1000 }),
    place: (path, part = 'value') => at(findOffset(doc, path, part)),
  }
}

const findDuplicates = (node: unknown, found: (key: Node) => void): void => {
  if (isSeq(node)) for (const item of node.items) findDuplicates(item, found)
  if (!isMap(node)) return
  const seen = new Set<string>()
  for (const { key, value } of node.items) {
    if (isScalar(key) && key.value !== '<<') {
      if (seen.has(String(key.value))) found(key)
      seen.add(String(key.value))
    }
    findDuplicates(value, found)
  }
}

const findOffset = (doc: Document, path: Path, part: 'key' | 'value') => {
  let node: unknown = doc.contents
  let offset = 0
  for (const [depth, step] of path.entries()) {
    if (isAlias(node)) node = node.resolve(doc)
    const pair = isMap(node)
      ? node.items.find(({ key }) => isScalar(key) && key.value === step)
      : undefined
    const next = pair ? pair.value : isSeq(node) ? node.items[Number(step)] : undefined
    if (next === undefined) break
    const marked =
      pair && (part === 'key' || next === null) && depth === path.length - 1
        ? pair.key
        : (next ?? pair?.key)
    offset = (marked as Node).range?.[0] ?? offset
    node = next
  }
  return offset
}

/** Parses an inventory. Throws an InputError if it is one of Ansible's. */
export const parseInventorySource = (text: string, file: string): Source => {
  refuseAnsible(text, shortenPath(file))
  return parseYaml(text, file)
}

/** A source without positions: a computed inventory, an overlay, the command line. */
export const makeSource = (data: unknown, place: string): Source => ({
  data,
  place: () => place,
})

/**
 * Reads a `.yaml` (or JSON) inventory, or a `.ts` that default-exports one, or a function of the
 * hosts.yaml beside it that returns one.
 */
export const readSource = async (path: string): Promise<Source> => {
  if (!/\.[cm]?[jt]s$/.test(path)) return parseInventorySource(await readInventory(path), path)
  const exported: unknown = (await importSource(path)).default
  if (exported === undefined)
    throw new InputError({
      place: shortenPath(path),
      message: 'has no default export',
      next: 'export default { clusters: { … } }',
    })
  if (typeof exported !== 'function') return makeSource(exported, shortenPath(path))
  const beside = join(dirname(path), 'hosts.yaml')
  const base = await readFile(beside, 'utf8').then(
    text => parseYaml(text, beside).data,
    ignoreMissing,
  )
  return makeSource(await exported(base), shortenPath(path))
}

const ignoreMissing = (error: NodeJS.ErrnoException) => {
  if (error.code !== 'ENOENT') throw error
  return undefined
}

const readInventory = (path: string) =>
  readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    const message =
      cause.code === 'ENOENT' ? 'there is no such file' : `cannot be read (${cause.code})`
    throw new InputError(
      { place: shortenPath(path), message, next: 'Name the inventory with -i FILE.' },
      { cause },
    )
  })
