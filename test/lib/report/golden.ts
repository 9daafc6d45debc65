import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import * as assert from 'uvu/assert'

/**
 * Compares with what a person has looked at and found good: `golden/NAME`. BRD_GOLDEN=write writes
 * it anew, to be looked at again.
 */
export const golden = (name: string, text: string): void => {
  const path = new URL(`golden/${name}`, import.meta.url)
  if (process.env['BRD_GOLDEN'] === 'write') writeFileSync(path, text)
  if (!existsSync(path))
    throw new Error(`golden/${name} is missing: run with BRD_GOLDEN=write and look at it`)
  assert.is(text, readFileSync(path, 'utf8'))
}
