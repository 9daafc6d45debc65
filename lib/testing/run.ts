import pLimit from 'p-limit'
import { type FileResult, runFile } from './file.ts'
import { fileLines } from './summary.ts'

/** Runs the files, so many at a time, and says each one's line as soon as it ended; after a while also which ones still run. */
export const runFiles = async (
  files: readonly string[],
  atOnce: number,
  stopped: AbortSignal,
  say: (text: string) => void,
): Promise<FileResult[]> => {
  const limit = pLimit(atOnce)
  const running = new Map<string, number>()
  const patience = setInterval(() => {
    for (const [file, began] of running)
      if (performance.now() - began > 25_000) say(`…     ${file}  running for ${Math.round((performance.now() - began) / 1000)} s`)
  }, 30_000)
  const one = async (file: string): Promise<FileResult[]> => {
    if (stopped.aborted) return []
    running.set(file, performance.now())
    const result = await runFile(file, stopped)
    running.delete(file)
    say(fileLines(result))
    return [result]
  }
  const results = await Promise.all(files.map(file => limit(one, file)))
  clearInterval(patience)
  return results.flat()
}
