/** A node of a swarm. */
export type NodeCandidate = {
  /** Its host name. */
  readonly name: string
  readonly manager: boolean
  readonly labels: Readonly<Record<string, string>>
}

/**
 * Selects the nodes that may run a service with these constraints. Unknown constraints count as
 * satisfied: an unneeded image does no harm.
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
  const at = constraint.search(/[=!]=/)
  const [key, sign, value] = [
    constraint.slice(0, Math.max(0, at)).trim(),
    constraint.slice(at, at + 2),
    constraint.slice(at + 2).trim(),
  ]
  const known: Record<string, string> = {
    'node.hostname': name,
    'node.role': manager ? 'manager' : 'worker',
  }
  const label = /^node\.labels\.(.+)$/.exec(key)?.[1]
  const has = label === undefined ? known[key] : (labels[label] ?? '')
  return has === undefined || (has.toLowerCase() === value.toLowerCase()) === (sign === '==')
}
