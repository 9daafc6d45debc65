import { reduce } from '../../lib/report/reduce.ts'
import { createRunState, type RunState } from '../../lib/report/run-state.ts'

/**
 * A run of so many hosts with so many operations, each of which writes a file of its own to each
 * host; one operation fails on the last host.
 */
export const buildBigRun = (hosts: number, operations: number): RunState => {
  const state = createRunState()
  const names = Array.from({ length: hosts }, (_, i) => `web${String(i + 1).padStart(2, '0')}`)
  const ops = Array.from({ length: operations }, (_, i) => ({
    kind: 'file',
    name: `/srv/site/${i}.conf`,
    role: `part-${i % 5}`,
    tags: [],
  }))
  const lines = (host: string, op: number, word: string) =>
    Array.from({ length: 24 }, (_, i) => `${word}_${i} = ${host}.${op}.example`).join('\n')
  reduce(state, { at: 0, type: 'run-started', playbook: 'many', check: false, hosts: names })
  reduce(state, { at: 1, type: 'play-started', play: 0, name: 'many', hosts: names })
  for (const [i, host] of names.entries()) {
    const begins = 100 + i * 37
    reduce(state, { at: begins, type: 'host-connected', host, ms: 90 })
    reduce(state, { at: begins, type: 'host-listed', host, play: 0, ops })
    reduce(state, { at: begins, type: 'round-started', host, round: 1, changes: 0 })
    reduce(state, { at: begins + 80, type: 'round-started', host, round: 2, changes: operations })
    for (const op of ops.keys())
      reduce(state, { at: begins + 100 + op * 50, type: 'op-started', host, op })
    for (const op of ops.keys()) {
      const diff = [
        {
          key: 'content',
          before: lines(host, op, 'old'),
          after: lines(host, op, op % 3 === 0 ? 'new' : 'old') + '\nmore',
          text: true as const,
        },
      ]
      const fails = i === hosts - 1 && op === operations - 1
      const outcome = fails
        ? ({ is: 'failed', error: { message: 'exit 3' } } as const)
        : ({ is: 'changed', diff, foreseen: true } as const)
      reduce(state, {
        at: begins + 100 + operations * 50,
        type: 'op-settled',
        host,
        op,
        ms: 45,
        outcome,
      })
    }
    reduce(state, {
      at: begins + 120 + operations * 50,
      type: 'host-finished',
      host,
      result: i === hosts - 1 ? 'failed' : 'ok',
      trips: 2,
      ms: 2000,
    })
  }
  reduce(state, {
    at: 100 + hosts * 37 + operations * 50 + 150,
    type: 'run-finished',
    exitCode: 2,
    ms: 4300,
  })
  return state
}
