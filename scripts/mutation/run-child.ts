import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import type { Message, MutationTask } from './child.ts'

/**
 * Runs a task in a separate process and gives its messages. A process that says nothing for `ms`
 * milliseconds is killed with its children: a mutant may loop for ever.
 */
export const runChild = async (
  sandbox: string,
  task: MutationTask,
  ms: number,
): Promise<{ readonly messages: readonly Message[]; readonly output: string }> => {
  const child = spawn(
    process.execPath,
    ['--import', `${sandbox}/lib/preload.mjs`, `${sandbox}/scripts/mutation/child.ts`],
    { cwd: sandbox, stdio: ['pipe', 'pipe', 'pipe', 'pipe'], detached: true },
  )
  const messages: Message[] = []
  let output = ''
  const kill = () => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
    } catch {
      // It has ended.
    }
  }
  let timer = setTimeout(kill, ms)
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      output = (output + chunk.toString()).slice(-4000)
    })
  child.stdin.on('error', () => undefined)
  child.stdin.end(JSON.stringify(task))
  const told = createInterface({ input: child.stdio[3] as Readable })
  told.on('line', line => {
    messages.push(JSON.parse(line) as Message)
    clearTimeout(timer)
    timer = setTimeout(kill, ms)
  })
  await new Promise(done => child.once('close', done))
  clearTimeout(timer)
  kill()
  return { messages, output }
}
