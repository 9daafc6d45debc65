import { type FileResult, runFile } from './file.ts'
import { next, type Task } from './schedule.ts'
import { fileLines } from './summary.ts'

/** Runs the files, so many at a time and none beside one that has the same hosts, and says each one's line as soon as it ended; after a while also which still run. */
export const runFiles = async (
  tasks: readonly Task[],
  atOnce: number,
  stopped: AbortSignal,
  say: (text: string) => void,
): Promise<FileResult[]> => {
  const pending = [...tasks]
  const running = new Map<Task, { readonly began: number; readonly ended: Promise<void> }>()
  const results: FileResult[] = []
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
  while (pending.length + running.size > 0) {
    if (stopped.aborted) pending.length = 0
    const task = running.size < atOnce ? next(pending, [...running.keys()]) : undefined
    if (task) {
      pending.splice(pending.indexOf(task), 1)
      running.set(task, { began: performance.now(), ended: one(task) })
    } else await Promise.race([...running.values()].map(({ ended }) => ended))
  }
  clearInterval(patience)
  return results
}
