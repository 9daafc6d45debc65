import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { converge } from '../../lib/converge/converge.ts'
import {
  type Change,
  type Context,
  type Diff,
  type Operation,
  type Output,
  Unknown,
} from '../../lib/operation.ts'
import type { Path } from '../../lib/operations/file/entry.ts'
import { openShell, selectShells } from './shells.ts'

/**
 * What the probe printed (with exit 0, or the whole output), what is wanted, and the lines of the
 * diff; or what the unknown says.
 */
export type Row<Want> = readonly [
  printed: string | Partial<Output>,
  want: Want,
  expected: readonly string[] | RegExp,
  pending?: boolean,
]

/** One test a row: what a kind of operation plans from what its probe printed. */
export const plans = <Want>(
  kind: (want: Want) => Operation,
  rows: Readonly<Record<string, Row<Want>>>,
): void => {
  for (const [title, [printed, want, expected, pending = false]] of Object.entries(rows))
    test(title, () => {
      const plan = kind(want).decide(makeOutput(printed), { pending: () => pending })
      if (expected instanceof RegExp)
        return assert.match(
          plan instanceof Unknown ? plan.why : `not unknown: ${lines(plan)}`,
          expected,
        )
      assert.equal(lines(plan), expected)
    })
}

/** An output with exit 0, unless told otherwise. */
export const makeOutput = (printed: string | Partial<Output>): Output => ({
  exitCode: 0,
  stdout: Buffer.from(typeof printed === 'string' ? printed : ''),
  stderr: '',
  ...(typeof printed === 'string' ? {} : printed),
})

export const nothingPending: Context = { pending: () => false }

const lines = (plan: Change | Unknown | null): readonly string[] | string =>
  plan instanceof Unknown
    ? `unknown: ${plan.why}`
    : (plan?.diff ?? []).map(
        ({ key, before, after }) => `${key}: ${before ?? 'absent'} -> ${after ?? 'absent'}`,
      )

export type Settling = {
  /** Makes the state before. Default: an empty folder. */
  readonly before?: (folder: Path) => void
  /** What must be true of the folder afterwards. */
  readonly after?: (folder: Path) => void
  /**
   * Commands that take the place of the host's, each as a script for sh: what a test cannot do here
   * is recorded by them. `$FOLDER` is the folder. Not in busybox where it has one of the name
   * itself.
   */
  readonly tools?: Readonly<Record<string, string>> | undefined
}

/**
 * A folder with these commands in it, beside the folder of the test; undefined where there are
 * none.
 */
const toolsFor = (folder: string, tools: Settling['tools']): string | undefined => {
  if (!tools) return undefined
  mkdirSync(`${folder}.tools`)
  for (const [name, text] of Object.entries(tools))
    writeFileSync(`${folder}.tools/${name}`, `#!/bin/sh\nFOLDER=${folder}\n${text}\n`, {
      mode: 0o755,
    })
  return `${folder}.tools`
}
const remove = (folder: string) => {
  for (const one of [folder, `${folder}.tools`]) rmSync(one, { recursive: true, force: true })
}

/**
 * In every shell of this machine: check mode says what would change, one run changes exactly that,
 * and then nothing is left to
 * change, which costs one round trip.
 */
export const settles = (
  title: string,
  make: (folder: Path) => Operation | readonly Operation[],
  { before, after, tools }: Settling = {},
): void => {
  for (const name of selectShells(Object.keys(tools ?? {})))
    test(`${title}: settles in ${name}`, async () => {
      const folder = mkdtempSync(join(tmpdir(), 'brd-settles-')) as Path
      const { shell } = openShell(name, toolsFor(folder, tools))
      const run = (check = false) =>
        converge([make(folder)].flat(), { host: 'here', shell: async () => shell, check })
      try {
        before?.(folder)
        const foretold = (await run(true)).outcomes.map(outcome =>
          outcome.is === 'would-change' ? outcome.diff : outcome,
        )
        const first = await run()
        assert.is(first.result, 'ok', JSON.stringify(first.error))
        assert.equal(
          first.outcomes.map(outcome =>
            outcome.is === 'changed' ? outcome.diff : outcome,
          ) as readonly (Diff | object)[],
          foretold,
        )
        const second = await run()
        assert.equal(
          [second.result, second.trips, ...second.outcomes.map(outcome => outcome.is)],
          ['ok', 1, ...foretold.map(() => 'ok')],
        )
        after?.(folder)
      } finally {
        await shell.end()
        remove(folder)
      }
    })
}

/**
 * In every shell of this machine: the run fails and says so, and the folder is as `after` finds it.
 */
export const refuses = (
  title: string,
  make: (folder: Path) => Operation | readonly Operation[],
  message: RegExp,
  { before, after, tools }: Settling = {},
): void => {
  for (const name of selectShells(Object.keys(tools ?? {})))
    test(`${title}: refused in ${name}`, async () => {
      const folder = mkdtempSync(join(tmpdir(), 'brd-refuses-')) as Path
      const { shell } = openShell(name, toolsFor(folder, tools))
      try {
        before?.(folder)
        const result = await converge([make(folder)].flat(), {
          host: 'here',
          shell: async () => shell,
        })
        assert.is(result.result, 'failed')
        assert.match(JSON.stringify(result.error), message)
        after?.(folder)
      } finally {
        await shell.end()
        remove(folder)
      }
    })
}
