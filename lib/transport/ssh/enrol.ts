import { randomBytes } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import { followLink } from '../../disk/follow-link.ts'
import { writeWhole } from '../../disk/write-whole.ts'
import { InputError } from '../../errors/input-error.ts'
import { hashName, type KnownHost, readKeyType } from './known-hosts.ts'

/** What is written to a known_hosts file. */
export type Enrolment = {
  readonly file: string
  /** The host's name there: its address, `[address]:port` for ports other than 22. */
  readonly name: string
  readonly keys: readonly Buffer[]
  /** Lines that hold no longer: the name is taken out of them. */
  readonly replaces?: readonly KnownHost[]
}

/**
 * Writes the keys to the file, hashed if its other names are, and removes the lines that they
 * replace from any file. A file is replaced in one step. Throws an InputError, and writes nothing,
 * if an old line cannot be taken apart.
 */
export const enrolKeys = async ({ file, name, keys, replaces = [] }: Enrolment): Promise<void> => {
  const files = [...new Set([...replaces.map(line => line.file), file])]
  const before = await Promise.all(files.map(readText))
  const after = files.map((path, i) =>
    removeName(
      before[i] ?? '',
      replaces.filter(line => line.file === path),
      name,
    ),
  )
  const own = files.length - 1 - [...files].reverse().indexOf(file)
  after[own] = appendKeys(after[own] ?? '', name, keys)
  for (const [i, path] of files.entries())
    if (after[i] !== before[i]) await replaceFile(path, after[i] ?? '')
}

/** Appends one line for each key to the text. */
export const appendKeys = (text: string, name: string, keys: readonly Buffer[]): string => {
  const hashed = /^(@\S+\s+)?\|1\|/m.test(text)
  const lines = keys.map(key => {
    const shown = hashed ? hashName(name, randomBytes(20)) : name
    return `${shown} ${readKeyType(key)} ${key.toString('base64')}\n`
  })
  return (text === '' || text.endsWith('\n') ? text : `${text}\n`) + lines.join('')
}

/** Removes the name from these lines of the text; a line with no other name is removed. */
export const removeName = (text: string, old: readonly KnownHost[], name: string): string => {
  const lines: (string | null)[] = text.split('\n')
  for (const { file, line, names } of old) {
    const rest = names.split(',').filter(it => it.toLowerCase() !== name)
    if (names.startsWith('|1|') || rest.length === 0) lines[line - 1] = null
    else if (rest.length < names.split(',').length)
      lines[line - 1] = (lines[line - 1] ?? '').replace(names, rest.join(','))
    else
      throw new InputError({
        place: `${file}:${line}`,
        message: `${names} is a pattern that speaks of ${name} and others`,
        next: 'Edit this line by hand.',
      })
  }
  return lines.filter(line => line !== null).join('\n')
}

const readText = (path: string): Promise<string> =>
  readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return ''
    throw new InputError(
      { place: path, message: `cannot be read: ${error.code}` },
      { cause: error },
    )
  })

const replaceFile = async (path: string, text: string): Promise<void> => {
  try {
    const mode = (await stat(path).catch(() => ({ mode: 0o600 }))).mode & 0o777
    await writeWhole(await followLink(path), text, mode)
  } catch (cause) {
    throw new InputError(
      { place: path, message: `cannot be written: ${(cause as NodeJS.ErrnoException).code}` },
      { cause },
    )
  }
}
