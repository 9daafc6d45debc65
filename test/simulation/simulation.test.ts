import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { chooseMode, simulate } from './simulate.ts'

const test = suite('simulated hosts')

/** Seconds after which no further seed is begun: a busy machine takes fewer of them. */
const BUDGET = 20
/** Seeds that are run however long they take. */
const LEAST = 10

const began = performance.now()
const failures: string[] = []

const run = async (seeds: readonly number[], seconds: number): Promise<number> => {
  let count = 0
  for (const seed of seeds) {
    if (count >= LEAST && performance.now() - began > seconds * 1000) break
    const { violations } = await simulate(seed, chooseMode(seed))
    count++
    for (const line of violations)
      failures.push(`seed ${seed}: ${line}\n  npx zx scripts/simulate.ts --seed ${seed} --trace`)
  }
  return count
}

const range = (from: number, count: number): number[] =>
  Array.from({ length: count }, (_, i) => from + i)

test('the same seed gives the same trace', async () => {
  const [one, other] = [await simulate(11, 'liveness'), await simulate(11, 'liveness')]
  assert.equal(one.trace, other.trace)
  assert.ok(one.trace.length > 10)
})

test('safety and liveness hold for the first seeds', async () => {
  await run(range(1, 240), BUDGET)
  assert.equal(failures.splice(0), [])
})

test.run()
