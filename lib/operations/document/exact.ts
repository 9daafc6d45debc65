import { type Document, isAlias, isMap, isScalar, isSeq, type Node, Scalar } from 'yaml'
import { DocumentError } from './document.ts'

/**
 * A document with each value as it is written: `010` is not `10`, and `yes` is not `"yes"`. Two
 * documents that are the same in it are the same to every reader of YAML.
 */
export const describeSource = (document: Document): unknown =>
  document.contents === null ? {} : describeNode(document.contents, 0)

const describeNode = (node: unknown, depth: number): unknown => {
  if (depth > 200) throw new DocumentError('it is nested too deeply')
  if (isAlias(node)) return `*${node.source}`
  if (isMap(node))
    return Object.fromEntries(
      node.items.map(({ key, value }) => [
        isScalar(key) ? String(key.value) : JSON.stringify(describeNode(key, depth + 1)),
        addTag(node, describeNode(value, depth + 1)),
      ]),
    )
  if (isSeq(node)) return node.items.map(item => addTag(node, describeNode(item, depth + 1)))
  return isScalar(node) ? addTag(node, describeScalar(node)) : '='
}

const describeScalar = (scalar: Scalar): string =>
  scalar.type === Scalar.PLAIN || scalar.type === undefined
    ? `=${scalar.source ?? String(scalar.value)}`
    : `"${String(scalar.value)}`

const addTag = (node: Node & { tag?: string }, value: unknown): unknown =>
  node.tag === undefined || node.tag.startsWith('tag:yaml.org,2002:') ? value : [node.tag, value]

/** Throws if the value at a path has an explicit tag: it would be the tag of the new value too. */
export const refuseTag = (document: Document, path: readonly string[]): void => {
  for (const length of path.keys()) {
    const here = path.slice(0, length + 1)
    const node = document.getIn(here, true) as (Node & { tag?: string }) | undefined
    if (node?.tag?.startsWith('!'))
      throw new DocumentError(`${here.join('.')} has the tag ${node.tag}: edit it by hand`)
  }
}
