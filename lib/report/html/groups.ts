import type { HostState, OpState, RunState } from '../run-state.ts'

/** One operation with the same outcome on all these hosts. */
export type OperationGroup = {
  readonly id: string
  readonly op: OpState
  readonly hosts: readonly HostState[]
  /** Milliseconds on the slowest host; 0 if nothing was applied. */
  readonly ms: number
}

type Found = { op: OpState; hosts: HostState[]; ms: number; at: number }

/**
 * Groups the operations of a run by their outcomes: failed ones first, then unknown ones, the
 * others in the order of the run.
 */
export const groupOperations = (state: RunState): readonly OperationGroup[] => {
  const found = new Map<string, Found>()
  for (const host of state.hosts.values())
    for (const [at, op] of host.ops.entries()) {
      const { play, role, kind, name, outcome, ms = 0 } = op
      const key = JSON.stringify([play, role, kind, name, outcome])
      const same = found.get(key) ?? { op, hosts: [], ms: 0, at }
      same.hosts.push(host)
      same.ms = Math.max(same.ms, op.startedAt === undefined ? 0 : ms)
      same.at = Math.min(same.at, at)
      found.set(key, same)
    }
  return [...found.values()]
    .sort((a, b) => rankOutcome(a.op) - rankOutcome(b.op) || a.at - b.at)
    .map(({ at: _, ...one }, i) => ({ id: `o${i}`, ...one }))
}

const rankOutcome = ({ outcome }: OpState): number =>
  outcome?.is === 'failed' ? 0 : outcome === undefined || outcome.is === 'in-flight' ? 1 : 2

/** Creates the lookup of the group of a host's operation. */
export const createGroupLookup = (
  all: readonly OperationGroup[],
): ((host: HostState, op: OpState) => OperationGroup | undefined) => {
  const byKey = new Map(
    all.flatMap(group =>
      group.hosts.map(host => [
        `${host.name}\0${group.op.play} ${group.op.kind} ${group.op.name}`,
        group,
      ]),
    ),
  )
  return (host, { play, kind, name }) => byKey.get(`${host.name}\0${play} ${kind} ${name}`)
}
