import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { ChildMessage } from './child.ts'
import { emptyReport, type FileReport } from './report.ts'
import { findTimeLimit } from './requirements.ts'

/** The result of one test file. */
export type FileResult = {
  readonly file: string
  readonly report: FileReport
  readonly ms: number
  /** Everything that it printed; shown if it failed. */
  readonly output: string
  /** What still held the process open a while after its last test. */
  readonly open: readonly string[]
}

/**
 * Runs one test file in a separate process. Never rejects: whatever happens to the process is part
 * of the result.
 */
export const runFile = async (
  file: string,
  stopped: AbortSignal,
  seconds = findTimeLimit(file),
): Promise<FileResult> => {
  const began = performance.now()
  if (!existsSync(file))
    return {
      file,
      ms: 0,
      output: '',
      open: [],
      report: { ...emptyReport, failed: 1, problems: ['the file is gone since the run began'] },
    }
  const child = start(file)
  const heard = listen(child)
  const end = await waitForEnd(child, seconds, stopped, () =>
    heard.told.some(told => 'report' in told),
  )
  return { file, ms: performance.now() - began, output: heard.output(), ...judge(heard.told, end) }
}

const start = (file: string): ChildProcess =>
  spawn(
    process.execPath,
    [
      '--import',
      new URL('../../lib/preload.mjs', import.meta.url).href,
      fileURLToPath(new URL('child.ts', import.meta.url)),
      file,
    ],
    {
      stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
      // A process group, so that all its children end with it.
      detached: true,
      env: { ...process.env, NODE_DISABLE_COLORS: '1', FORCE_COLOR: '0' },
    },
  )

const listen = (child: ChildProcess) => {
  const chunks: Buffer[] = []
  let lines = ''
  const told: ChildMessage[] = []
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => chunks.push(chunk))
  child.stdio[3]?.on('data', (chunk: Buffer) => {
    const parts = (lines + chunk.toString()).split('\n')
    lines = parts.pop() ?? ''
    for (const part of parts) told.push(JSON.parse(part) as ChildMessage)
  })
  return { told, output: () => Buffer.concat(chunks).toString() }
}

/** How the process ended: by itself, or because one of its limits passed. */
type End = { readonly how: string; readonly good: boolean }

/**
 * Seconds that a process has to end after its last test; what is open then is left open by its
 * tests.
 */
const grace = 4

const waitForEnd = (
  child: ChildProcess,
  seconds: number,
  stopped: AbortSignal,
  reported: () => boolean,
): Promise<End> =>
  new Promise(resolve => {
    let stop: string | undefined
    const kill = (why: string) => {
      stop ??= why
      signalGroup(child, 'SIGTERM')
      setTimeout(() => signalGroup(child, 'SIGKILL'), 3000).unref()
    }
    const interrupt = () => kill('interrupted')
    let quiet = 0
    const watch = setInterval(() => {
      if (reported() && ++quiet > grace * 4) kill('open')
    }, 250)
    const limit = setTimeout(() => kill(`the time limit of ${seconds} s passed`), seconds * 1000)
    stopped.addEventListener('abort', interrupt)
    if (stopped.aborted) interrupt()
    const finish = (how: string, good: boolean) => {
      clearInterval(watch)
      clearTimeout(limit)
      stopped.removeEventListener('abort', interrupt)
      signalGroup(child, 'SIGKILL')
      resolve({ how: stop ?? how, good: stop === undefined ? good : stop === 'open' })
    }
    child.on('error', error => finish(error.message, false))
    // What the file left running may hold its pipes: they get a moment, not for ever.
    child.on('exit', (code, sign) =>
      setTimeout(finish, 100, `ended with ${sign ?? `exit code ${code}`}`, code === 0),
    )
  })

/** The whole process group of the file. */
const signalGroup = (child: ChildProcess, name: NodeJS.Signals): void => {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, name)
  } catch {
    // Nothing of the group is left.
  }
}

const judge = (
  told: readonly ChildMessage[],
  { how, good }: End,
): { report: FileReport; open: readonly string[] } => {
  const said = told.flatMap(one => ('report' in one ? [one.report] : []))[0]
  const open = told.flatMap(one => ('open' in one ? [one.open] : []))[0] ?? []
  const hooks = told.flatMap(one =>
    'hook' in one && !one.hook.includes('skipped: ') ? [one.hook] : [],
  )
  const running = told.flatMap(one => ('running' in one ? [one.running] : [])).at(-1)
  if (!said)
    return {
      open,
      report: {
        ...emptyReport,
        failed: 1,
        problems: [`${how}${running ? `, in the test "${running}"` : ', before its first test'}`],
      },
    }
  const report = { ...said, problems: [...said.problems, ...(said.failed > 0 ? hooks : [])] }
  return {
    open,
    report: good
      ? report
      : {
          ...report,
          failed: report.failed + 1,
          problems: [...report.problems, `${how} after its tests`],
        },
  }
}
