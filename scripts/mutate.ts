#!/usr/bin/env -S npx zx
/**
 * `npx zx scripts/mutate.ts`: the mutation score of the modules that decide. Each module gets one
 * small fault after another, and the tests named for it must fail.
 */
import { fileURLToPath } from 'node:url'
import pLimit from 'p-limit'
import { runScript, type ScriptDefinition } from '../lib/cli/script.ts'
import { InputError } from '../lib/errors/input-error.ts'
import { print } from '../lib/report/print.ts'
import { type MutatedModule, mutatedModules } from './mutation/modules.ts'
import { type ModuleScore, mutateModule } from './mutation/mutate.ts'
import { createSandbox, removeSandbox } from './mutation/sandbox.ts'

const root = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '')

/** Per cent of the mutants that the tests must notice. */
const LEAST = 85

const flags = {
  left: { type: 'boolean', help: 'list the mutants that no test notices' },
} as const

const script: ScriptDefinition<typeof flags> = {
  usage: ['scripts/mutate.ts [MODULE …]'],
  about: 'The mutation score of the modules that decide (default: all; docs/testing.md).',
  flags,
  notes: [`Exit code 2: less than ${LEAST} % are noticed.`],
}

const formatScore = (name: string, killed: number, all: number): string => {
  const score = all === 0 ? '-' : `${((100 * killed) / all).toFixed(1)} %`
  return `${score.padStart(7)}  ${killed} of ${all}  ${name}`
}

const describeLeft = ({ module, left }: ModuleScore): string[] =>
  left.map(
    ({ fate, line, original, replacement }) =>
      `         ${module}:${line}  ${fate}  ${original}  ->  ${replacement.trim()}`,
  )

const choose = (names: readonly string[]): readonly MutatedModule[] => {
  const known = mutatedModules.map(({ module }) => module)
  const unknown = names.find(name => !known.includes(name))
  if (unknown !== undefined)
    throw new InputError({
      message: `${unknown} is not listed in scripts/mutation/modules.ts`,
      next: `listed are ${known.join(', ')}`,
    })
  return mutatedModules.filter(({ module }) => names.length === 0 || names.includes(module))
}

const sum = (of: readonly number[]): number => of.reduce((total, one) => total + one, 0)

await runScript(import.meta, script, async ({ flags: { left }, words }) => {
  // Two modules at a time, each in a separate copy: nothing else is mutated beside it.
  const limit = pLimit(2)
  const mutate = async (module: MutatedModule): Promise<ModuleScore> => {
    const sandbox = createSandbox(root)
    try {
      const score = await mutateModule(sandbox, module)
      const lines = left ? describeLeft(score) : []
      print([formatScore(score.module, score.killed, score.all), ...lines].join('\n'))
      return score
    } finally {
      removeSandbox(sandbox)
    }
  }
  const scores = await Promise.all(choose(words).map(module => limit(mutate, module)))
  const killed = sum(scores.map(score => score.killed))
  const all = sum(scores.map(score => score.all))
  print(formatScore('in all', killed, all))
  return killed * 100 < LEAST * all ? 2 : 0
})
