import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { converge } from '../../lib/converge/converge.ts'
import { Deferred } from '../../lib/deferred.ts'
import { Unknown } from '../../lib/operation.ts'
import { type Fact, type FactValue, factOperation } from '../../lib/run/facts/fact.ts'
import { openShell, SHELLS } from './shells.ts'

/** One test a row: what is read from what was printed; or what the unknown says. */
export const reads = <T>(
  fact: Fact<T>,
  rows: Readonly<Record<string, readonly [printed: string, expected: T | RegExp]>>,
): void => {
  for (const [title, [printed, expected]] of Object.entries(rows))
    test(`${fact.name}: ${title}`, () => {
      const value = fact.read(printed)
      if (expected instanceof RegExp)
        assert.match(
          value instanceof Unknown ? value.why : `not unknown: ${JSON.stringify(value)}`,
          expected,
        )
      else assert.equal(value, expected)
    })
}

/** In every shell: the fact is read in one round trip, and its value passes `holds`. */
export const gathers = <T>(
  fact: Fact<T>,
  holds: (value: T, shell: (typeof SHELLS)[number]) => void,
  /** Runs first; it may skip the test. */
  before: (shell: (typeof SHELLS)[number]) => void = () => {},
): void => {
  for (const name of SHELLS)
    test(`${fact.name} is read in ${name}`, async () => {
      before(name)
      const { shell } = openShell(name)
      const provides = new Deferred<FactValue>(fact.name)
      try {
        const { result, trips, error } = await converge([factOperation({ fact, provides })], {
          host: 'here',
          shell: async () => shell,
        })
        assert.equal([result, trips], ['ok', 1], JSON.stringify(error))
        const known = provides.get()
        holds((known as FactValue).value as T, name)
      } finally {
        await shell.end()
      }
    })
}
