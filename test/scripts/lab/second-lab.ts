/**
 * A lab of the tests' own, beside the one that may be running: import this before anything of
 * lib/lab.
 */
import { cpSync, existsSync, mkdirSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'

const first = process.env['BRD_LAB_HOME'] ?? join(homedir(), '.cache', 'brd-lab')

/** The second lab's home. */
export const home = `${first}-second`

process.env['BRD_LAB_HOME'] = home
process.env['BRD_LAB_NET'] = '214'

/**
 * What the first lab has downloaded is taken over: the caches hold nothing but Debian's packages.
 */
export const seed = (): void => {
  mkdirSync(home, { recursive: true, mode: 0o700 })
  for (const cache of ['base.tar', join('infra', 'apt')])
    if (existsSync(join(first, cache)))
      cpSync(join(first, cache), join(home, cache), { recursive: true })
}
