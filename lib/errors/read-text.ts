import { closeSync, openSync, readSync } from 'node:fs'
import { relative } from 'node:path'
import { InputError } from './input-error.ts'

/** Bytes that a file for a person may have: an inventory of 5,000 hosts has one MiB. */
const MOST = 64 * 1024 * 1024

/** How the errors of a file speak of it. */
export type TextFileOptions = {
  /** The place that errors name, such as `-e @vars.yaml`. Default: the path. */
  readonly place?: string
  /** What is wrong if it does not exist. Default: `there is no such file`. */
  readonly missing?: string
  /** What to do next. Default: nothing. */
  readonly next?: string
}

/**
 * Reads a text file that a person named, without a byte order mark. Throws an InputError with its
 * path if it cannot be read, is a folder, has more than 64 MiB, or is not UTF-8.
 */
export const readTextFile = (path: string, options: TextFileOptions = {}): string => {
  const { place = shortenPath(path), missing = 'there is no such file', next } = options
  const bytes = readBytes(
    path,
    (message, cause) => {
      throw new InputError({ place, message, next }, { cause })
    },
    missing,
  )
  return decodeText(bytes, place)
}

/** The path as people write it: relative if the file is below the working directory. */
export const shortenPath = (file: string): string => {
  const near = relative(process.cwd(), file)
  return near === '' || near.startsWith('..') ? file : near
}

type Refuse = (message: string, cause?: unknown) => never

const readBytes = (path: string, refuse: Refuse, missing: string): Buffer => {
  const parts: Buffer[] = []
  let length = 0
  try {
    const file = openSync(path, 'r')
    try {
      for (;;) {
        const part = Buffer.allocUnsafe(length === 0 ? 64 * 1024 : 1024 * 1024)
        const count = readSync(file, part)
        if (count === 0) return Buffer.concat(parts)
        length += count
        parts.push(part.subarray(0, count))
        if (length > MOST) break
      }
    } finally {
      closeSync(file)
    }
  } catch (cause) {
    return refuse(describeReadError(cause as NodeJS.ErrnoException, missing), cause)
  }
  return refuse(`has more than ${MOST / 1024 / 1024} MiB`)
}

const describeReadError = ({ code }: NodeJS.ErrnoException, missing: string): string => {
  if (code === 'ENOENT' || code === 'ENOTDIR') return missing
  if (code === 'EISDIR') return 'is a folder, not a file'
  return code === 'EACCES' ? 'may not be read by you' : `cannot be read (${code})`
}

/** Decodes UTF-8. Other bytes are an InputError with their line: a name would become another. */
export const decodeText = (bytes: Buffer, place: string): string => {
  const [first, second] = bytes
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff))
    throw new InputError({ place, message: 'is UTF-16', next: 'Save it as UTF-8.' })
  const text = decode(bytes)
  if (text === null)
    throw new InputError({
      place: `${place}:${findBadLine(bytes)}`,
      message: 'is not UTF-8',
      next: 'Save the file as UTF-8, for example: iconv -f latin1 -t utf-8 OLD >NEW',
    })
  const zero = text.indexOf('\0')
  if (zero >= 0)
    throw new InputError({
      place: `${place}:${text.slice(0, zero).split('\n').length}`,
      message: 'has a zero byte: it is not a text',
    })
  return text
}

const decode = (bytes: Uint8Array): string | null => {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return null
  }
}

/** Finds the first line that is not UTF-8. A line feed is never a part of another character. */
const findBadLine = (bytes: Buffer): number => {
  let line = 1
  for (let from = 0; from < bytes.length; line++) {
    const end = bytes.indexOf(0x0a, from)
    const to = end < 0 ? bytes.length : end + 1
    if (decode(bytes.subarray(from, to)) === null) return line
    from = to
  }
  return line
}
