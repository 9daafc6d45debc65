import { statSync } from 'node:fs'
import { OptionError } from '../errors/option-error.ts'
import { operation } from '../operation.ts'
import { checkPath, completeRights, normalizeMode, type Path, type Rights } from './file/entry.ts'
import { vital } from './file/vital.ts'
import { itemsInFolder } from './tree/operation.ts'
import { compileExcludes, type Item, readSource, TOP } from './tree/source.ts'

export type Tree = Omit<Rights, 'mode'> & {
  /**
   * The folder on the host, absolute. It is created if it is missing, with those above it (root,
   * 755). A symlink or a file at this path is an error.
   */
  readonly path: Path
  /**
   * A folder on the controller: `new URL('./site/', import.meta.url)`. It is read when the
   * operation is made; only files that differ are sent.
   */
  readonly source: URL
  /**
   * Patterns of what is left out, on both sides: `*.log`, `cache/**`. One without a slash holds at
   * any depth; a folder goes with all in it. Default: none.
   */
  readonly exclude?: readonly string[]
  /**
   * True: what is not in the source is removed, but for what is excluded and what is mounted there.
   * Default false.
   */
  readonly exact?: boolean
  /** Mode of files, octal. Default 644. */
  readonly files?: string
  /**
   * Mode of files that their owner may execute on the controller, octal; theirs only, others' bits
   * are the operator's umask. Default 755.
   */
  readonly executables?: string
  /** Mode of folders, octal, that of `path` too. Default 755. */
  readonly directories?: string
}

/**
 * A folder of the host equals one on the controller: files, folders and symlinks, with their modes.
 * Only files that differ are sent; each is replaced in one step, never half written. A tree that is
 * already right costs one probe.
 */
export const tree = operation('tree', {
  ...itemsInFolder,
  want: (want: Tree) => {
    const {
      path,
      source,
      exclude = [],
      exact = false,
      files = '644',
      executables = '755',
      directories = '755',
    } = want
    if (exact && vital.test(checkPath(path)))
      throw new OptionError({
        message: 'exact: refused, the system needs what is there',
        next: 'name a folder further down',
      })
    if (!statSync(source).isDirectory())
      throw new OptionError({ message: `source: ${source} is not a folder` })
    if ((Number.parseInt(executables, 8) & 0o100) === 0)
      throw new OptionError({
        message: `executables: with ${executables} their owner could not execute them`,
      })
    const modes = {
      files: normalizeMode(files),
      executables: normalizeMode(executables),
      directories: normalizeMode(directories),
    }
    const { owner, group } = completeRights(want, directories)
    const excluded = compileExcludes(exclude)
    const items = [TOP, ...readSource(source, excluded)].map(item => ({
      ...item,
      mode: pickMode(item, modes),
      owner,
      group,
    }))
    return { path: checkPath(path), items, excluded, exact }
  },
})

const pickMode = (
  item: Item,
  modes: { readonly files: string; readonly executables: string; readonly directories: string },
): string | null =>
  item.type === 'symlink'
    ? null
    : item.type === 'directory'
      ? modes.directories
      : item.executable
        ? modes.executables
        : modes.files
