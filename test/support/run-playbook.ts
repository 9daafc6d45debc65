import { type ChildProcess, spawn } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Event, Outcome } from '../../lib/events.ts'
import { labPath } from '../../lib/inventory/lab-home.ts'
import type { LabState } from '../../lib/inventory/lab-state.ts'
import { skip } from '../../scripts/test/skip.ts'

export const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '')
const preload = new URL('../../lib/preload.mjs', import.meta.url).href

/** How a run ended, and all that it printed. */
export type RunResult = {
  readonly code: number | null
  readonly signal: string | null
  readonly stdout: string
  readonly stderr: string
}

/** A playbook that runs in a process of its own, started as a user's shell would. */
export type RunningPlaybook = {
  readonly pid: number
  readonly child: ChildProcess
  readonly ended: Promise<RunResult>
  /** What it printed so far, stdout and stderr. */
  readonly output: () => string
  readonly kill: (signal: NodeJS.Signals) => void
}

export type RunOptions = {
  readonly env?: Readonly<Record<string, string>>
  readonly home?: string
}

/** The arguments of node that start a script as `npx zx SCRIPT` does. */
export const zxArguments = (script: string): string[] => [
  '--import',
  preload,
  join(root, 'node_modules/zx/build/cli.js'),
  join(root, script),
]

const running = new Set<ChildProcess>()

/**
 * Starts a playbook of test/fixtures/playbooks with these flags. `home` is the lab's home that it
 * sees. Its stdin is at its end.
 */
export const startPlaybook = (
  playbook: string,
  flags: readonly string[],
  { env = {}, home }: RunOptions = {},
): RunningPlaybook => {
  const child = spawn(
    process.execPath,
    [...zxArguments(`test/fixtures/playbooks/${playbook}.ts`), ...flags],
    {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...(home === undefined ? {} : { BRD_LAB_HOME: home }), ...env },
    },
  )
  running.add(child)
  child.on('close', () => running.delete(child))
  const text = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const)
    child[name].on('data', (chunk: Buffer) => {
      text[name] += chunk
    })
  const ended = new Promise<RunResult>(resolve =>
    child.on('close', (code, signal) => resolve({ code, signal, ...text })),
  )
  return {
    pid: child.pid ?? 0,
    child,
    ended,
    output: () => text.stdout + text.stderr,
    kill: signal => void child.kill(signal),
  }
}

/**
 * Interrupts a run twice, as two presses: the second comes when the first was heard, and so long
 * after it that it does not count as the same.
 */
export const interruptTwice = async (run: RunningPlaybook): Promise<void> => {
  run.kill('SIGINT')
  await waitUntil('the first interruption is heard', () =>
    /SIGINT: each host ends/.test(run.output()),
  )
  await new Promise(resolve => setTimeout(resolve, 600))
  run.kill('SIGINT')
}

/** Plays to the end. */
export const runPlaybook = (
  playbook: string,
  flags: readonly string[],
  options?: RunOptions,
): Promise<RunResult> => startPlaybook(playbook, flags, options).ended

/** The events of a run with --json. Throws where a line is no JSON. */
export const parseEvents = (stdout: string): Event[] =>
  stdout
    .split('\n')
    .filter(line => line !== '')
    .map(line => JSON.parse(line) as Event)

/**
 * How each operation of a host ended, in list order; fails where one was settled twice or never.
 */
export const readOutcomes = (all: readonly Event[], host: string): Outcome['is'][] => {
  const listed = all.flatMap(event =>
    event.type === 'host-listed' && event.host === host ? event.ops : [],
  )
  const ends = all.flatMap(event =>
    event.type === 'op-settled' && event.host === host ? [event] : [],
  )
  const once = listed.map((_, op) => ends.filter(end => end.op === op))
  if (ends.length !== listed.length || once.some(of => of.length !== 1))
    throw new Error(
      `${host}: ${listed.length} operations and ${ends.length} settled: ${JSON.stringify(ends)}`,
    )
  return once.map(([end]) => end?.outcome.is ?? 'unknown')
}

/**
 * Waits until it is so. Rejects with what it was about when that takes longer than so many seconds.
 */
export const waitUntil = async (
  what: string,
  holds: () => boolean | Promise<boolean>,
  seconds = 20,
): Promise<void> => {
  for (
    const end = performance.now() + seconds * 1000;
    performance.now() < end;
    await new Promise(resolve => setTimeout(resolve, 50))
  )
    if (await holds()) return
  throw new Error(`not within ${seconds} s: ${what}`)
}

/** The lab's state; skips where the lab is down. */
export const readLab = (): LabState =>
  existsSync(labPath('lab.json'))
    ? JSON.parse(readFileSync(labPath('lab.json'), 'utf8'))
    : skip('the lab is down: npx zx scripts/lab.ts up')

/** A lab's home of its own, whose state differs from the lab's in this; removed by `remove`. */
export const makeLabHome = (
  change: Partial<LabState> | ((home: string) => Partial<LabState>),
): { readonly path: string; readonly remove: () => void } => {
  const path = mkdtempSync(join(tmpdir(), 'brdtest-home-'))
  for (const file of ['age.key', 'secrets.age'])
    if (existsSync(labPath(file))) cpSync(labPath(file), join(path, file))
  writeFileSync(
    join(path, 'lab.json'),
    JSON.stringify({ ...readLab(), ...(typeof change === 'function' ? change(path) : change) }),
  )
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) }
}

/**
 * Where the runs of this test file leave their records: a person's own are not buried under them,
 * and files that run side by side do not see each other's.
 */
const runs = mkdtempSync(join(tmpdir(), 'brdtest-runs-'))
process.env['BRD_RUNS'] = runs

/** The records of the runs of a playbook, the newest last. */
export const listRecords = (playbook: string): string[] =>
  readdirSync(runs)
    .filter(name => new RegExp(`-${playbook}(-\\d+)?$`).test(name))
    .sort()
    .map(name => join(runs, name))

process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL') // of a test that failed
  rmSync(runs, { recursive: true, force: true })
})
