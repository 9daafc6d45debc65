/** Which mutants of a module its tests notice. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Mutant } from '@stryker-mutator/api/core'
import type { DryRun, Message } from './child.ts'
import { instrument } from './instrument.ts'
import type { MutatedModule } from './modules.ts'
import { runChild } from './run-child.ts'
import { applyTextMutant, listTextMutants, type TextMutant } from './text-mutants.ts'

/** What became of a mutant: its tests failed or never ended, passed, or none of them reaches it. */
export type Fate = 'killed' | 'survived' | 'unreached'

/** A mutant that no test noticed. */
export type LeftMutant = {
  readonly fate: Fate
  /** Of the module, from 1. */
  readonly line: number
  readonly original: string
  readonly replacement: string
}

/** A module's mutants. */
export type ModuleScore = {
  readonly module: string
  readonly killed: number
  readonly all: number
  readonly left: readonly LeftMutant[]
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

type Pending = { readonly id: string; readonly tests: readonly string[] | null }

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

/** Mutants of TypeScript: all in one text, one active at a time. */
const mutateCode = async (
  sandbox: string,
  { module, tests }: MutatedModule,
  original: string,
): Promise<ModuleScore> => {
  const path = join(sandbox, module)
  const { source, mutants } = await instrument(path, original)
  writeFileSync(path, source)
  const dry = await runDry(sandbox, tests)
  const loading = new Set(dry.loading)
  const ms = limit(dry)
  const pending = mutants.map(({ id }) => ({
    id,
    tests: loading.has(id)
      ? null
      : Object.keys(dry.reached).filter(test => dry.reached[test]?.includes(id)),
  }))
  const unreached = new Set(pending.filter(({ tests }) => tests?.length === 0).map(({ id }) => id))
  const killed = new Set([
    ...(await killInTurn(
      sandbox,
      tests,
      pending.filter(({ id, tests }) => tests && !unreached.has(id)),
      ms,
    )),
    ...(await killWhileLoading(
      sandbox,
      tests,
      pending.filter(({ tests }) => tests === null),
      ms,
    )),
  ])
  return {
    module,
    killed: killed.size,
    all: mutants.length,
    left: mutants
      .filter(({ id }) => !killed.has(id))
      .map(mutant => ({
        fate: unreached.has(mutant.id) ? 'unreached' : 'survived',
        line: mutant.location.start.line + 1,
        original: quote(original, mutant),
        replacement: mutant.replacement.replace(/\s+/g, ' ').slice(0, 80),
      })),
  }
}

/** Mutants of shell and awk: the module is written anew for each, and a process runs its tests. */
const mutateTexts = async (
  sandbox: string,
  { module, tests }: MutatedModule,
  original: string,
): Promise<ModuleScore> => {
  const path = join(sandbox, module)
  const mutants = listTextMutants(original)
  writeFileSync(path, original)
  const ms = mutants.length > 0 ? limit(await runDry(sandbox, tests)) : 0
  const left: LeftMutant[] = []
  for (const mutant of mutants) {
    writeFileSync(path, applyTextMutant(original, mutant))
    const killed = await killWhileLoading(sandbox, tests, [{ id: mutant.id, tests: null }], ms)
    if (killed.size === 0) left.push(describeText(original, mutant))
  }
  return { module, killed: mutants.length - left.length, all: mutants.length, left }
}

const describeText = (source: string, mutant: TextMutant): LeftMutant => {
  const before = source.slice(0, mutant.start).split('\n')
  const column = before.at(-1)?.length ?? 0
  const line = source.split('\n')[before.length - 1] ?? ''
  return {
    fate: 'survived',
    line: before.length,
    original: line.trim(),
    replacement: applyTextMutant(line, { ...mutant, start: column }).trim(),
  }
}

/** Mutates one module in a sandbox, and leaves its text there as it was. */
export const mutateModule = async (sandbox: string, of: MutatedModule): Promise<ModuleScore> => {
  const path = join(sandbox, of.module)
  const original = readFileSync(path, 'utf8')
  try {
    const code = await mutateCode(sandbox, of, original)
    const texts = await mutateTexts(sandbox, of, original)
    return {
      module: of.module,
      killed: code.killed + texts.killed,
      all: code.all + texts.all,
      left: [...code.left, ...texts.left],
    }
  } finally {
    writeFileSync(path, original)
  }
}
