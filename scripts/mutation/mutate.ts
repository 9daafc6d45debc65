/** Which mutants of a module its tests notice. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Mutant } from '@stryker-mutator/api/core'
import type { DryRun, Message } from './child.ts'
import { instrument } from './instrument.ts'
import type { MutatedModule } from './modules.ts'
import { runChild } from './run-child.ts'

/** What became of a mutant: its tests failed or never ended, passed, or none of them reaches it. */
export type Fate = 'killed' | 'survived' | 'unreached'

/** A module's mutants. */
export type ModuleScore = {
  readonly module: string
  readonly killed: number
  readonly all: number
  readonly left: readonly { readonly mutant: Mutant; readonly fate: Fate; readonly text: string }[]
}

/** Milliseconds until a process that says nothing is taken for one that loops. */
const limit = ({ ms }: DryRun): number => 5000 + 5 * ms

const runDry = async (sandbox: string, tests: readonly string[]): Promise<DryRun> => {
  const { messages, output } = await runChild(sandbox, { tests, mutants: [] }, 120_000)
  const dry = messages.flatMap(message => ('dry' in message ? [message.dry] : []))[0]
  if (!dry) throw new Error(`${tests.join(', ')} did not run:\n${output}`)
  if (dry.failed.length > 0)
    throw new Error(`these tests fail without any mutant:\n${dry.failed.join('\n')}`)
  return dry
}

type Pending = { readonly id: string; readonly tests: readonly string[] }

/** The ids of the killed ones among these, with a new process after each that does not end. */
const killInTurn = async (
  sandbox: string,
  tests: readonly string[],
  mutants: readonly Pending[],
  ms: number,
): Promise<ReadonlySet<string>> => {
  const killed = new Set<string>()
  let rest = mutants
  while (rest.length > 0) {
    const { messages } = await runChild(sandbox, { tests, mutants: rest }, ms)
    const ended = new Set(messages.flatMap(it => ('mutant' in it ? [it.mutant] : [])))
    for (const message of messages)
      if ('mutant' in message && message.killed) killed.add(message.mutant)
    const hung = rest.find(({ id }) => !ended.has(id))
    if (hung) killed.add(hung.id)
    rest = rest.filter(({ id }) => !ended.has(id) && id !== hung?.id)
  }
  return killed
}

const isKilled = (messages: readonly Message[], id: string): boolean =>
  messages.every(it => !('mutant' in it)) ||
  messages.some(it => 'mutant' in it && it.mutant === id && it.killed)

/** Mutants of what runs when a module is loaded: one process each. */
const killWhileLoading = async (
  sandbox: string,
  tests: readonly string[],
  mutants: readonly Pending[],
  ms: number,
): Promise<ReadonlySet<string>> => {
  const killed = new Set<string>()
  for (const mutant of mutants) {
    const task = { tests, mutants: [mutant], loaded: mutant.id }
    const { messages } = await runChild(sandbox, task, ms + 10_000)
    if (isKilled(messages, mutant.id)) killed.add(mutant.id)
  }
  return killed
}

/** The original text of a mutant's place, on one line. */
const quote = (source: string, { location: { start, end } }: Mutant): string => {
  const lines = source.split('\n').slice(start.line, end.line + 1)
  const first = (lines[0] ?? '').slice(start.column, lines.length === 1 ? end.column : undefined)
  return lines.length === 1 ? first : `${first} …`
}

/** Mutates one module in a sandbox, and leaves its text there as it was. */
export const mutateModule = async (
  sandbox: string,
  { module, tests }: MutatedModule,
): Promise<ModuleScore> => {
  const path = join(sandbox, module)
  const original = readFileSync(path, 'utf8')
  const { source, mutants } = await instrument(path, original)
  writeFileSync(path, source)
  try {
    const dry = await runDry(sandbox, tests)
    const loading = new Set(dry.loading)
    const all = Object.keys(dry.reached)
    const pending = mutants.map(({ id }) => ({
      id,
      tests: all.filter(test => loading.has(id) || dry.reached[test]?.includes(id)),
    }))
    const ms = limit(dry)
    const reached = pending.filter(({ id, tests }) => tests.length > 0 && !loading.has(id))
    const killed = new Set([
      ...(await killInTurn(sandbox, tests, reached, ms)),
      ...(await killWhileLoading(
        sandbox,
        tests,
        pending.filter(({ id }) => loading.has(id)),
        ms,
      )),
    ])
    const left = mutants.filter(({ id }) => !killed.has(id))
    return {
      module,
      killed: killed.size,
      all: mutants.length,
      left: left.map(mutant => ({
        mutant,
        fate: pending.some(({ id, tests }) => id === mutant.id && tests.length > 0)
          ? 'survived'
          : 'unreached',
        text: quote(original, mutant),
      })),
    }
  } finally {
    writeFileSync(path, original)
  }
}
