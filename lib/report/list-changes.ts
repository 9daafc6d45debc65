import { formatSettled, type LineOptions } from './lines.ts'
import type { RunState } from './run-state.ts'
import { wrapText } from './style.ts'

/**
 * Lists what changed or would change, in the order of the operations. A change that several hosts
 * share is shown once, with their names.
 */
export const listChanges = (state: RunState, columns: number, telling: LineOptions): string[] => {
  const found = new Map<string, { readonly lines: readonly string[]; readonly hosts: string[] }>()
  for (const host of state.hosts.values())
    for (const op of host.ops) {
      const lines = formatSettled(op, telling)
      const key = lines.join('\n')
      const same = found.get(key)
      if (same) same.hosts.push(host.name)
      else if (lines.length > 0) found.set(key, { lines, hosts: [host.name] })
    }
  const names = (hosts: readonly string[]): string[] =>
    hosts.length > 1 && hosts.length === state.hosts.size
      ? ['all hosts']
      : wrapText(hosts.join(' '), columns)
  let heading = ''
  return [...found.values()].flatMap(({ lines, hosts }) => {
    const same = heading === hosts.join(' ')
    heading = hosts.join(' ')
    return [
      ...(same ? [] : ['', ...names(hosts).map(line => telling.paint('strong', line))]),
      ...lines.map(line => `  ${line}`),
    ]
  })
}
