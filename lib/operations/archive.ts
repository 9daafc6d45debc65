import { statSync } from 'node:fs'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import { OptionError } from '../errors/option-error.ts'
import { change, operation, Unknown, unreadable } from '../operation.ts'
import { type Sh, sh } from '../sh.ts'
import { nameStamp, unpack, type WantedArchive } from './archive/unpack.ts'
import {
  checkPath,
  completeRights,
  isAbsent,
  type Path,
  printEntry,
  readEntry,
} from './file/entry.ts'
import { lackUser, promiseFolders } from './file/lacks.ts'
import { readLocalFile } from './file/local.ts'

export type Archive = {
  /**
   * The folder on the host, absolute, that the archive is unpacked into. A missing folder is
   * created (755). Other files in it stay.
   */
  readonly path: Path
  /** Tells several archives in one folder apart. Default `archive`. */
  readonly name?: string
  /**
   * How many folders around all of the content are left out: most releases have one. Default 0.
   */
  readonly strip?: number
  /**
   * A path that exists once the archive is unpacked: only this path is checked then, and a new
   * version is not noticed. Default: a stamp in the folder records which content was unpacked.
   */
  readonly creates?: Path
  /** Owner of what is unpacked: a name, or a number. Default: root. */
  readonly owner?: string | number
  /** Group of what is unpacked: a name, or a number. Default: root. */
  readonly group?: string | number
  /** How long unpacking may take, in seconds. Default 600. */
  readonly timeoutSeconds?: number
} & (
  | {
      /**
       * The archive, on the host (a `download`, for instance). Its name ends in its format: .tar,
       * .tar.gz, .tgz, .tar.xz, .txz, .tar.bz2, .tar.zst or .zip.
       */
      readonly from: Path
      readonly source?: never
    }
  | {
      /** The archive, on the controller: `new URL('./tool.tar.gz', import.meta.url)`. */
      readonly source: URL
      readonly from?: never
    }
)

/** What is at the path, what was unpacked into it (null: nothing), and what should be. */
type Now = {
  readonly type: string
  readonly is: string | null
  readonly wanted: string
  /** What was unpacked and is not there any more: the first such name. */
  readonly gone?: string | undefined
}

/**
 * An archive is unpacked in a folder. It is unpacked aside first, and each file is moved into place
 * in one step. It is unpacked again when the archive's content changes, or something of it is gone;
 * files of the version before stay, and so does what is changed in a file afterwards.
 */
export const archive = operation('archive', {
  want: (want: Archive) => {
    const {
      name = 'archive',
      strip = 0,
      creates,
      timeoutSeconds: seconds = 600,
      source,
      from,
    } = want
    const file = basename(from ?? fileURLToPath(source))
    checkArchive(file, name, strip)
    const { owner, group } = completeRights(
      { ...pickDefined('owner', want.owner), ...pickDefined('group', want.group) },
      '755',
    )
    const places = {
      path: checkPath(want.path),
      creates: creates === undefined ? null : checkPath(creates),
      from: from === undefined ? null : checkPath(from),
    }
    return { ...places, ...loadSource(source), name, strip, owner, group, seconds, file }
  },
  name: ({ path, name }: WantedArchive) => (name === 'archive' ? path : `${path} ${name}`),
  paths: want => [want.path],
  makes: ({ path }) => [...promiseFolders(path), `below ${path}`],
  probe: want => sh`( ${printEntry(want.path)} ) >/dev/null || exit 74
if [ -h ${want.path} ]; then echo symlink
elif [ -d ${want.path} ]; then echo directory
elif [ -e ${want.path} ]; then echo file
else echo absent; fi
${lackUser(want.owner)}
${want.creates === null ? printStamp(want) : printEntry(want.creates)}`,
  read: (out, { creates, file }): Now | Unknown => {
    const [type = '', first = '', second = '', gone] = out.stdout.toString().split('\n')
    if (out.exitCode !== 0) return unreadable(out)
    if (creates === null)
      return /^[0-9a-f]{64} \d+$/.test(second)
        ? { type, is: first === 'absent' ? null : first, wanted: second, gone: gone || undefined }
        : unreadable(out)
    const entry = readEntry(first)
    return entry === undefined ? unreadable(out) : { type, is: entry && file, wanted: file }
  },
  plan: ({ type, is, wanted, gone }, want) => {
    const { path, file, creates, content, seconds } = want
    if (type !== 'directory' && type !== 'absent')
      return new Unknown(`${path} is a ${type}, and a folder is wanted: name the folder itself`)
    if (is === wanted && gone === undefined) return null
    const after =
      creates === null ? `${file}, sha256 ${wanted.slice(0, 12)}` : `unpacked from ${file}`
    const missing = is === wanted && gone !== undefined
    return change(
      [
        missing
          ? { key: gone, before: null, after }
          : {
              key: creates ?? 'content',
              before: is && `another, sha256 ${is.slice(0, 12)}`,
              after,
            },
      ],
      unpack(want, creates === null ? wanted : null),
      { seconds, ...(content ? { stdin: content() } : {}) },
    )
  },
  probeSeconds: 120,
})

const checkArchive = (file: string, name: string, strip: number): void => {
  if (!/\.(tar(\.(gz|xz|bz2|zst))?|tgz|txz|zip)$/.test(file))
    throw new OptionError({
      message: `the name ${file} does not tell what it is`,
      next: 'it ends in .tar, .tar.gz, .tgz, .tar.xz, .txz, .tar.bz2, .tar.zst or .zip',
    })
  if (!/^[\w-]+$/.test(name))
    throw new OptionError({
      message: `name: ${JSON.stringify(name)} cannot be part of a file name`,
      next: 'use letters, digits, _ and -',
    })
  if (!Number.isInteger(strip) || strip < 0)
    throw new OptionError({
      message: `strip: ${strip} is not a number of folders`,
      next: 'give a whole number, 0 or more',
    })
}

/** What is sent: nothing if the archive is on the host. */
const loadSource = (source: URL | undefined) => {
  if (!source) return { hash: null, bytes: 0, content: null }
  const stat = statSync(source)
  return { ...readLocalFile(fileURLToPath(source), stat), bytes: stat.size }
}

const pickDefined = (key: string, value: string | number | undefined) =>
  value === undefined ? {} : { [key]: value }

/** Prints what the folder says of itself, then the hash of the archive, and how it is unpacked. */
const printStamp = (want: WantedArchive): Sh => sh`f=${`${want.path}/${nameStamp(want)}`} gone=
if [ -f "$f" ] && [ ! -h "$f" ]; then
  head -n 1 "$f" || exit 74
  while IFS= read -r name; do
    case $name in ./*) ;; *) continue ;; esac
    [ -e ${want.path}/"$name" ] || [ -h ${want.path}/"$name" ] || { gone=\${name#./}; break; }
  done <"$f"
else ${isAbsent(`${want.path}/${nameStamp(want)}`)} || exit 74; echo absent; fi
${
  want.from === null
    ? sh`h=${want.hash ?? ''}`
    : sh`[ -f ${want.from} ] || { echo ${`no such archive: ${want.from}`} >&2; exit 1; }
h=$(sha256sum <${want.from}) || exit 74`
}
echo "\${h%% *} "${want.strip}
[ -z "$gone" ] || printf '%s\n' "$gone"`
