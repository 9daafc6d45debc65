/** Mutants of a module: all of them in one text, of which a run switches on one at a time. */
import type { Mutant } from '@stryker-mutator/api/core'
import { Instrumenter } from '@stryker-mutator/instrumenter'

/** A module with its mutants, each of which is off until its id is the active one. */
export type Instrumented = {
  readonly source: string
  readonly mutants: readonly Mutant[]
}

const silent = () => undefined
const logger = {
  isTraceEnabled: () => false,
  isDebugEnabled: () => false,
  isInfoEnabled: () => false,
  isWarnEnabled: () => false,
  isErrorEnabled: () => false,
  isFatalEnabled: () => false,
  trace: silent,
  debug: silent,
  info: silent,
  warn: silent,
  error: silent,
  fatal: silent,
}

/**
 * Makes every mutant that Stryker knows for a module, those of its texts included.
 */
export const instrument = async (name: string, content: string): Promise<Instrumented> => {
  const { files, mutants } = await new Instrumenter(logger).instrument(
    [{ name, content, mutate: true }],
    { ignorers: [], excludedMutations: [], plugins: null },
  )
  const [file] = files
  if (!file) throw new Error(`${name} was not instrumented`)
  return { source: file.content, mutants }
}
