import { createHash } from 'node:crypto'
import { OptionError } from '../../errors/option-error.ts'
import {
  type Diff,
  type Difference,
  differences,
  type Output,
  Unknown,
  unreadable,
} from '../../operation.ts'
import { Secret } from '../../secret.ts'
import { type Sh, sh } from '../../sh.ts'
import {
  checkPath,
  completeRights,
  type Entry,
  pickRights,
  printEntry,
  type Rights,
  readEntry,
} from './entry.ts'
import { diffNames } from './lines.ts'
import { putInPlace, setRights } from './put.ts'
import { readSource } from './source.ts'

export type Content =
  | {
      /**
       * What the file holds. A Secret is compared by its hash; neither it nor the content that it
       * replaces is ever shown.
       */
      readonly content: string | Buffer | Secret
      readonly source?: never
    }
  | {
      /**
       * A file on the controller: `new URL('./nginx.conf', import.meta.url)`. It is read when the
       * operation is made.
       */
      readonly source: URL
      readonly content?: never
    }

/** A file as it should be, complete. */
export type WantedFile = {
  readonly path: string
  readonly content: Buffer | Secret
  readonly hash: string
  readonly bytes: number
  readonly mode: string
  readonly owner: string
  readonly group: string
}

/** A file as it is. `content` is null unless it differs and may be shown. */
export type PresentFile = {
  readonly entry: Entry
  readonly hash: string | null
  readonly content: Buffer | null
  readonly target: string | null
}

/** How many bytes of a present file are brought to the controller to be shown. */
const SHOWN = 64 * 1024

/** Bytes from which it pays to start openssl: it hashes four times as fast as sha256sum does. */
const LARGE = 4 * 1024 * 1024

export const completeFile = (want: { path: string } & Content & Rights): WantedFile => {
  const given = want.source ? readSource(want.source) : want.content
  if (given === undefined) throw new OptionError({ message: 'content or source is expected' })
  const content = typeof given === 'string' ? Buffer.from(given) : given
  const plain = content instanceof Secret ? Buffer.from(content.reveal()) : content
  return {
    path: checkPath(want.path),
    content,
    hash: sha256(plain),
    bytes: plain.length,
    ...completeRights(want, '644'),
  }
}

/**
 * Prints what is at the path; for a file also its hash, and its content unless that is as wanted or
 * secret. An operation prints its other lines before it. `between` runs with the entry in `$s`.
 */
export const printFile = (want: WantedFile, between: Sh = sh`:`): Sh => sh`${printEntry(want.path)}
${between}
case $s in
symbolic*) readlink ${want.path};;
regular*) ${hashFile(want)}; echo "\${h%% *}"
${
  want.content instanceof Secret
    ? sh``
    : sh`case $h in ${want.hash}*) ;; *) head -c ${SHOWN} ${want.path};; esac
`
};; esac`

/** Leaves the file's hash in `$h`, with more after a space. */
const hashFile = ({ path, bytes }: WantedFile): Sh =>
  bytes < LARGE
    ? sh`h=$(sha256sum <${path}) || exit 74`
    : sh`h=$(openssl dgst -sha256 -r <${path} 2>/dev/null) || h=$(sha256sum <${path}) || exit 74`

/** What `printFile` printed after so many other lines of the operation; null is absent. */
export const readFile = (out: Output, lines = 0): PresentFile | null | Unknown => {
  if (out.exitCode !== 0) return unreadable(out)
  const [rest, first = ''] = takeLines(out.stdout, lines + 1)
  const entry = readEntry(first)
  if (entry === undefined)
    return unreadable(out, `the probe printed ${JSON.stringify(first.slice(0, 60))}`)
  if (entry === null) return null
  const [content, second = ''] = takeLines(rest, 1)
  if (entry.type === 'symlink') return { entry, hash: null, content: null, target: second }
  if (entry.type !== 'file') return { entry, hash: null, content: null, target: null }
  return /^[0-9a-f]{64}$/.test(second)
    ? { entry, hash: second, content, target: null }
    : unreadable(out, 'no hash of the file')
}

/**
 * What differs; or why it cannot be changed: a folder or a device is never replaced by a file.
 */
export const diffFile = (now: PresentFile | null, want: WantedFile): Diff | Unknown => {
  if (now && now.entry.type !== 'file' && now.entry.type !== 'symlink')
    return new Unknown(
      `${want.path} is a ${now.entry.type}, and a file is wanted: ` +
        'remove it first, or name another path',
    )
  const file = now?.entry.type === 'file' ? now : null
  const link =
    now?.entry.type === 'symlink'
      ? [{ key: 'type', before: `symlink to ${now.target}`, after: 'file' }]
      : []
  const { mode, owner, group } = want
  const content = diffContent(file, want)
  return [
    ...link,
    ...content,
    ...(content.length > 0 ? diffNames(file?.entry.links ?? 1) : []),
    ...differences(file && pickRights(file.entry, want), { mode, owner, group }),
  ]
}

/**
 * Changes the file: in one step if the content differs, otherwise only its rights. If `writes`, it
 * reads `want.content` on stdin.
 */
export const putFile = (
  diff: Diff,
  want: WantedFile,
  validate?: (path: Sh) => Sh,
): { apply: Sh; writes: boolean } =>
  diff.some(({ key }) => key === 'content' || key === 'type')
    ? { apply: putInPlace({ ...want, ...(validate ? { validate } : {}) }), writes: true }
    : { apply: setRights(want.path, want), writes: false }

export const sha256 = (data: Buffer | string): string =>
  createHash('sha256').update(data).digest('hex')

const diffContent = (now: PresentFile | null, want: WantedFile): readonly Difference[] => {
  if (now?.hash === want.hash) return []
  const { content } = want
  if (content instanceof Secret)
    return [{ key: 'content', before: now && '(other content)', after: String(content) }]
  const before =
    now && formatContent(now.content ?? Buffer.alloc(0), now.entry.bytes, now.hash as string)
  return [
    { key: 'content', before, after: formatContent(content, want.bytes, want.hash), text: true },
  ]
}

const formatContent = (content: Buffer, bytes: number, hash: string): string => {
  const text = bytes <= SHOWN ? content.toString() : null
  return text !== null &&
    bytes === content.length &&
    !text.includes('\0') &&
    Buffer.from(text).equals(content)
    ? text
    : `(${bytes} bytes, sha256 ${hash.slice(0, 12)})`
}

/** The first lines of some output, and what comes after them. */
const takeLines = (data: Buffer, lines: number): [rest: Buffer, last: string | undefined] => {
  let rest = data
  let last: string | undefined
  for (let i = 0; i < lines; i++) {
    const end = rest.indexOf(10)
    if (end < 0) return [Buffer.alloc(0), rest.length > 0 ? rest.toString() : undefined]
    last = rest.subarray(0, end).toString()
    rest = rest.subarray(end + 1)
  }
  return [rest, last]
}
