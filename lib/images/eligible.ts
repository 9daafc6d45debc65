/** Where the tasks of a service may run. */

/** A node as its swarm knows it. */
export type NodeCandidate = {
  /** Its host name. */
  readonly name: string
  readonly manager: boolean
  readonly labels: Readonly<Record<string, string>>
}

/**
 * The nodes that a service with these constraints may be placed on. What cannot be told from here
 * is taken to fit: an image too many does no harm.
 */
export const filterEligible = <Node extends NodeCandidate>(
  nodes: readonly Node[],
  constraints: readonly string[],
): Node[] =>
  nodes.filter(node => constraints.every(constraint => matchesConstraint(node, constraint)))

const matchesConstraint = (
  { name, manager, labels }: NodeCandidate,
  constraint: string,
): boolean => {
  const [, key = '', sign = '', value = ''] =
    /^\s*(\S+?)\s*(==|!=)\s*(.*?)\s*$/.exec(constraint) ?? []
  const known: Record<string, string> = {
    'node.hostname': name,
    'node.role': manager ? 'manager' : 'worker',
  }
  const label = /^node\.labels\.(.+)$/.exec(key)?.[1]
  const has = label === undefined ? known[key] : (labels[label] ?? '')
  return has === undefined || (has.toLowerCase() === value.toLowerCase()) === (sign === '==')
}
