import { lstatSync, readdirSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import picomatch from 'picomatch'
import { OptionError } from '../../errors/option-error.ts'
import { readLocalFile } from '../file/local.ts'

/** One thing of a folder on the controller. */
export type Item = {
  /** From the folder's top, with slashes. */
  readonly path: string
  /** Seconds since 1970. */
  readonly mtime: number
} & (
  | { readonly type: 'directory' }
  | { readonly type: 'symlink'; readonly target: string }
  | {
      readonly type: 'file'
      readonly executable: boolean
      readonly bytes: number
      readonly hash: string
      readonly content: () => Buffer
    }
)

/** A thing as it should be on the host: with its owner, and its mode (null: a symlink has none). */
export type PlacedItem = Item & {
  readonly mode: string | null
  readonly owner: string
  readonly group: string
}

/** The folder itself, as the first of what is in it. */
export const TOP: Item = { path: '.', type: 'directory', mtime: 0 }

/** True of what is left out, on both sides. */
export type Excludes = (path: string) => boolean

/**
 * Patterns as in .gitignore: one without a slash matches at any depth, and a match of a folder
 * includes everything in it.
 */
export const compileExcludes = (patterns: readonly string[]): Excludes => {
  const paths = picomatch(
    patterns.map(pattern =>
      pattern.includes('/') ? pattern.replace(/^\/|\/$/g, '') : `**/${pattern}`,
    ),
    { dot: true },
  )
  return path => path.split('/').some((_, i, parts) => paths(parts.slice(0, i + 1).join('/')))
}

/**
 * Everything in a folder of the controller, parents first. A thing that cannot be copied (a socket,
 * a name that is not text) is an error.
 */
export const readSource = (source: URL, excluded: Excludes): Item[] => {
  const top = fileURLToPath(source)
  const read = (path: string): Item[] =>
    listNames(join(top, path)).flatMap(name => {
      const inner = path === '' ? name : `${path}/${name}`
      if (excluded(inner)) return []
      const item = readItem(top, inner)
      return item.type === 'directory' ? [item, ...read(inner)] : [item]
    })
  return read('')
}

const listNames = (folder: string): string[] =>
  readdirSync(folder, { encoding: 'buffer' })
    .map(bytes => {
      const name = bytes.toString()
      if (!Buffer.from(name).equals(bytes))
        throw new OptionError({
          message: `source: ${folder} holds a name that is not UTF-8 text (${name})`,
          next: 'exclude or rename it',
        })
      return name
    })
    .sort()

const readItem = (top: string, path: string): Item => {
  const at = join(top, path)
  const stat = lstatSync(at)
  const mtime = Math.floor(stat.mtimeMs / 1000)
  if (stat.isDirectory()) return { path, type: 'directory', mtime }
  if (stat.isSymbolicLink()) return { path, type: 'symlink', mtime, target: readTarget(at) }
  if (!stat.isFile())
    throw new OptionError({
      message: `source: ${at} is not a file, a folder or a symlink`,
      next: 'exclude it',
    })
  return {
    path,
    type: 'file',
    mtime,
    executable: (stat.mode & 0o100) !== 0,
    bytes: stat.size,
    ...readLocalFile(at, stat),
  }
}

const readTarget = (at: string): string => {
  const target = readlinkSync(at)
  if (target.includes('\n'))
    throw new OptionError({
      message: `source: ${at} points at a name with a line break`,
      next: 'exclude it',
    })
  return target
}
