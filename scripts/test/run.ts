import { type FileResult, runFile } from './file.ts'
import { next, type Task } from './schedule.ts'
import { fileLines } from './summary.ts'

/** How many files run at a time, and which may. */
export type Pace = {
  /** Files at a time; asked before each is begun. */
  readonly atOnce: () => number
  /**
   * What a file needs is there, is on its way, or will not come: then the file is not run. Default:
   * it is there.
   */
  readonly ready?: (task: Task) => boolean | 'never'
  /** Whatever changes the answers of the two. */
  readonly changes?: readonly Promise<unknown>[]
}

/**
 * Runs the files, none beside one that has the same hosts, and says each one's line as soon as it
 * ended; after a while also which still run.
 */
export const runFiles = async (
  tasks: readonly Task[],
  { atOnce, ready = () => true, changes = [] }: Pace,
  stopped: AbortSignal,
  say: (text: string) => void,
): Promise<FileResult[]> => {
  let pending = [...tasks]
  const running = new Map<Task, { readonly began: number; readonly ended: Promise<void> }>()
  const results: FileResult[] = []
  const coming = new Set<Promise<void>>()
  for (const change of changes) {
    const come: Promise<void> = change.then(() => void coming.delete(come))
    coming.add(come)
  }
  const patience = setInterval(() => {
    for (const [{ file }, { began }] of running) {
      const seconds = Math.round((performance.now() - began) / 1000)
      if (seconds > 25) say(`…     ${file}  running for ${seconds} s`)
    }
  }, 30_000)
  const one = async (task: Task): Promise<void> => {
    const result = await runFile(task.file, stopped)
    running.delete(task)
    results.push(result)
    say(fileLines(result))
  }
  const begin = (): boolean => {
    pending = stopped.aborted ? [] : pending.filter(task => ready(task) !== 'never')
    if (running.size >= atOnce()) return false
    const task = next(
      pending.filter(one => ready(one) === true),
      [...running.keys()],
    )
    if (!task) return false
    pending.splice(pending.indexOf(task), 1)
    running.set(task, { began: performance.now(), ended: one(task) })
    return true
  }
  for (;;) {
    while (begin()) {}
    if (pending.length + running.size === 0) break
    await Promise.race([...[...running.values()].map(({ ended }) => ended), ...coming])
  }
  clearInterval(patience)
  return results
}
