import { withMachineLock } from './machine-lock.ts'
import type { ClusterName } from './requirements.ts'
import { type FileResult, runFile } from './run-file.ts'
import { findNextTask, type TestTask } from './schedule.ts'
import { formatFile } from './summary.ts'

/** How many files run at the same time, and which of them may begin. */
export type Pace = {
  /** Files at the same time; read again before each one begins. */
  readonly atOnce: () => number
  /**
   * Whether the file's needs are met. `never` means that they will not be: the file does not run.
   * Default: true.
   */
  readonly ready?: (task: TestTask) => boolean | 'never'
  /** After each of these the two above may return something else. */
  readonly changes?: readonly Promise<unknown>[]
}

/**
 * Runs the files, never two with the same host at the same time. Prints a line as soon as a file
 * ends, and every 30 s the files that still run.
 */
export const runFiles = async (
  tasks: readonly TestTask[],
  { atOnce, ready = () => true, changes = [] }: Pace,
  stopped: AbortSignal,
  say: (text: string) => void,
): Promise<FileResult[]> => {
  let pending = [...tasks]
  const running = new Map<TestTask, { readonly began: number; readonly ended: Promise<void> }>()
  const raised = new Set<ClusterName>()
  const results: FileResult[] = []
  const coming = new Set<Promise<void>>()
  for (const one of changes) {
    const change: Promise<void> = one.then(() => void coming.delete(change))
    coming.add(change)
  }
  const progress = setInterval(() => {
    for (const [{ file }, { began }] of running) {
      const seconds = Math.round((performance.now() - began) / 1000)
      if (seconds > 25) say(`…     ${file}  running for ${seconds} s`)
    }
  }, 30_000)
  const one = async (task: TestTask): Promise<void> => {
    const run = () => runFile(task.file, stopped)
    const result = await (task.hosts.includes('local') ? withMachineLock(run) : run())
    running.delete(task)
    results.push(result)
    say(formatFile(result))
  }
  const begin = (): boolean => {
    pending = stopped.aborted ? [] : pending.filter(task => ready(task) !== 'never')
    if (running.size >= atOnce()) return false
    const task = findNextTask(
      pending.filter(one => ready(one) === true),
      [...running.keys()],
      pending,
      raised,
    )
    if (!task) return false
    for (const name of task.clusters) raised.add(name)
    pending.splice(pending.indexOf(task), 1)
    running.set(task, { began: performance.now(), ended: one(task) })
    return true
  }
  for (;;) {
    while (begin()) {}
    if (pending.length + running.size === 0) break
    await Promise.race([...[...running.values()].map(({ ended }) => ended), ...coming])
  }
  clearInterval(progress)
  return results
}
