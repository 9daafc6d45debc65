#!/usr/bin/env -S npx zx
/**
 * Runs the engine against simulated hosts, by seeds: `npx zx scripts/simulate.ts --seeds 10000`. A
 * seed that fails is replayed by `--seed N --trace`. `--mutants` puts past faults back, one by one.
 */
import { parseArgs } from 'node:util'
import { readArguments } from '../lib/cli/argv.ts'
import { print } from '../lib/report/print.ts'
import { hunt, renderMutants } from '../test/simulation/mutants.ts'
import { PAST_FAULTS } from '../test/simulation/past-faults.ts'
import { runSeeds } from '../test/simulation/run-seeds.ts'
import type { Mode } from '../test/simulation/scenario.ts'
import { chooseMode, simulate } from '../test/simulation/simulate.ts'

const usage = `npx zx scripts/simulate.ts [--seeds N] [--from N] [--jobs N] [--mode MODE]
npx zx scripts/simulate.ts --seed N [--mode MODE] [--trace]
npx zx scripts/simulate.ts --mutants [--only TEXT] [--seeds N]
  --seeds N     how many seeds (default 1000; for each mutant, at most: 3000)
  --from N      the first of them (default 1)
  --jobs N      processes at a time (default 2)
  --mode MODE   safety or liveness (default: even seeds safety, odd ones liveness)
  --seed N      this one alone
  --trace       prints what happened, in virtual milliseconds
  --mutants     puts past faults of the engine back one by one, and looks which seed finds them
  --only TEXT   the mutants with this in their name
`

const { values } = parseArgs({
  args: readArguments(import.meta),
  options: {
    seeds: { type: 'string' },
    from: { type: 'string', default: '1' },
    jobs: { type: 'string', default: '2' },
    mode: { type: 'string' },
    seed: { type: 'string' },
    trace: { type: 'boolean', default: false },
    mutants: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
    help: { type: 'boolean', short: 'h', default: false },
  },
})

const replay = async (seed: number, mode: Mode): Promise<number> => {
  const { violations, trace, steps, ms } = await simulate(seed, mode)
  if (values.trace) for (const line of trace) print(line)
  for (const line of violations) print(`seed ${seed}: ${line}`)
  print(`${mode}, ${steps} steps, ${(ms / 1000).toFixed(0)} virtual seconds`)
  return violations.length > 0 ? 1 : 0
}

const runMany = async (): Promise<number> => {
  const { seeds, steps, hours, seconds, cpu, failures, broken } = await runSeeds({
    from: Number(values.from),
    count: Number(values.seeds ?? '1000'),
    jobs: Number(values.jobs),
    ...(values.mode === undefined ? {} : { mode: values.mode as Mode }),
    onFailure: ({ seed, mode, why }) =>
      print(`seed ${seed} (${mode}): ${why}\n  npx zx scripts/simulate.ts --seed ${seed} --trace`),
  })
  for (const text of broken) print(text)
  print(
    `${seeds} seeds in ${seconds.toFixed(0)} s (${(seeds / seconds).toFixed(1)} a second), ` +
      `${cpu.toFixed(0)} s of processor (${((cpu * 1000) / seeds).toFixed(0)} ms a seed), ` +
      `${(steps / 1e6).toFixed(1)} million steps, ${hours.toFixed(0)} virtual hours, ` +
      `${failures.length} failed`,
  )
  return failures.length + broken.length > 0 ? 1 : 0
}

const runMutants = async (): Promise<number> => {
  const chosen = PAST_FAULTS.filter(({ name }) => name.includes(values.only))
  const results = await hunt(chosen, Number(values.seeds ?? '3000'), Number(values.jobs), print)
  print(renderMutants(results))
  return 0
}

const main = (): Promise<number> | number => {
  if (values.help) {
    print(usage.trimEnd())
    return 0
  }
  if (values.mutants) return runMutants()
  if (values.seed === undefined) return runMany()
  const seed = Number(values.seed)
  return replay(seed, (values.mode as Mode | undefined) ?? chooseMode(seed))
}

process.exitCode = await main()
