import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import * as assert from 'uvu/assert'
import { type Operation, Unknown } from '../../lib/operation.ts'
import { Secret } from '../../lib/secret.ts'
import { makeOutput, nothingPending } from './operations.ts'

/**
 * What a stack is deployed with where nothing of it runs: its configs as text, and its compose
 * file. No value of a secret.
 */
export const renderDeployment = (op: Operation, external: readonly string[]): string => {
  const networks = external.map(Name => ({ Id: Name, Name }))
  const bodies = external.length > 0 ? [[], [], [], networks, [], []] : [[], [], [], [], []]
  const plan = op.decide(
    makeOutput(bodies.map(body => `${JSON.stringify(body)}\n200\n`).join('')),
    nothingPending,
  )
  if (!plan || plan instanceof Unknown)
    throw new Error(`${op.id}: a plan is expected, not ${plan?.why ?? 'none'}`)
  const parts = plan.stdin as readonly (string | Secret)[]
  const file = parts.findIndex(part => typeof part === 'string' && part.startsWith('version:'))
  const objects = parts
    .slice(0, file)
    .filter(part => part !== '\n')
    .map(part => (part instanceof Secret ? `# ${part}\n` : Buffer.from(part, 'base64').toString()))
  return [parts.slice(file).map(String).join(''), ...objects].join('---\n')
}

/**
 * The text is that of the golden file. `GOLDEN=write` writes it: read the difference in git before
 * it is committed.
 */
export const assertGolden = (name: string, text: string): void => {
  const file = new URL(`../roles/golden/${name}`, import.meta.url)
  if (process.env['GOLDEN'] === 'write') writeFileSync(file, text)
  assert.ok(existsSync(file), `${name} is not there: run with GOLDEN=write and read it`)
  assert.fixture(text, readFileSync(file, 'utf8'))
}
