/** A copy of the project in which a module may be mutated. */
import {
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const IGNORED = new Set(['node_modules', '.git', '.runs'])

/**
 * Copies the project to a new folder, where `uvu` is the one that keeps its suites. All other
 * packages are those of the project.
 */
export const createSandbox = (root: string): string => {
  const folder = mkdtempSync(join(tmpdir(), 'brd-mutation-'))
  for (const name of readdirSync(root))
    if (!IGNORED.has(name)) cpSync(join(root, name), join(folder, name), { recursive: true })
  const modules = join(folder, 'node_modules')
  mkdirSync(join(modules, 'uvu'), { recursive: true })
  for (const name of readdirSync(join(root, 'node_modules')))
    if (name !== 'uvu') symlinkSync(join(root, 'node_modules', name), join(modules, name))
  for (const part of ['assert', 'diff'])
    cpSync(join(root, 'node_modules/uvu', part), join(modules, 'uvu', part), { recursive: true })
  copyFileSync(join(root, 'scripts/mutation/uvu.mjs'), join(modules, 'uvu/index.mjs'))
  const exports = {
    '.': './index.mjs',
    './assert': './assert/index.mjs',
    './diff': './diff/index.mjs',
  }
  writeFileSync(join(modules, 'uvu/package.json'), JSON.stringify({ name: 'uvu', exports }))
  return folder
}

/** Removes a copy. */
export const removeSandbox = (folder: string): void =>
  rmSync(folder, { recursive: true, force: true })
