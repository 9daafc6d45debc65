import { statSync } from 'node:fs'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import { change, operation, type Unknown, unreadable } from '../operation.ts'
import { type Sh, sh } from '../sh.ts'
import { stamp, unpack, type Wanted } from './archive/unpack.ts'
import { checked, fullRights, type Path, printEntry, readEntry } from './parts/entry.ts'
import { localFile } from './parts/local.ts'
import { owning } from './parts/owning.ts'

export type Archive = {
  /** The folder on the host, absolute, that it is unpacked into. It is made where it is missing (755). What else is in it is left alone. */
  readonly path: Path
  /** Tells several archives in one folder apart. Default `archive`. */
  readonly name?: string
  /** How many folders around all of the content are left out, as most releases have one. Default 0. */
  readonly strip?: number
  /** Something that is there once it is unpacked: then nothing else is looked at, and another version is not noticed. Default: a stamp in the folder tells which content it was. */
  readonly creates?: Path
  /** Owner of what is unpacked: a name, or a number. Default: root. */
  readonly owner?: string | number
  /** Group of what is unpacked: a name, or a number. Default: root. */
  readonly group?: string | number
  /** How long unpacking may take, in seconds. Default 600. */
  readonly seconds?: number
} & (
  | {
      /** The archive, on the host (a `download`, for instance). Its name tells what it is: .tar, .tar.gz, .tgz, .tar.xz, .txz, .tar.bz2, .tar.zst, .zip. */
      readonly from: Path
      readonly source?: never
    }
  | {
      /** The archive, on the controller: `new URL('./tool.tar.gz', import.meta.url)`. */
      readonly source: URL
      readonly from?: never
    }
)

/** What was unpacked (null: nothing), and what should be. */
type Now = { readonly is: string | null; readonly wanted: string }

const make = operation('archive', {
  name: ({ path, name }: Wanted) => (name === 'archive' ? path : `${path} ${name}`),
  probe: want => (want.creates === null ? printStamp(want) : printEntry(want.creates)),
  read: (out, { creates, file }): Now | Unknown => {
    const [first = '', second = ''] = out.stdout.toString().split('\n')
    if (out.rc !== 0) return unreadable(out)
    if (creates === null)
      return /^[0-9a-f]{64} \d+$/.test(second) ? { is: first === 'absent' ? null : first, wanted: second } : unreadable(out)
    const entry = readEntry(first)
    return entry === undefined ? unreadable(out) : { is: entry && file, wanted: file }
  },
  plan: ({ is, wanted }, want) => {
    if (is === wanted) return null
    const key = want.creates ?? 'content'
    const after = want.creates === null ? `${want.file}, sha256 ${wanted.slice(0, 12)}` : `unpacked from ${want.file}`
    return change(
      [{ key, before: is && `another, sha256 ${is.slice(0, 12)}`, after }],
      unpack(want, want.creates === null ? wanted : null),
      {
        seconds: want.seconds,
        ...(want.content ? { stdin: want.content() } : {}),
      },
    )
  },
  probeSeconds: 120,
})

const whole = owning(make, want => [want.path])

/**
 * An archive is unpacked in a folder. It is unpacked aside first, and each file is put in place in one step. It is done again when the archive's content changes; what
 * the version before left behind stays.
 */
export const archive = (want: Archive, meta = {}) => {
  const { name = 'archive', strip = 0, creates, seconds = 600, source, from } = want
  const file = basename(from ?? fileURLToPath(source))
  if (!/\.(tar(\.(gz|xz|bz2|zst))?|tgz|txz|zip)$/.test(file))
    throw new Error(`archive ${want.path}: the name ${file} does not tell what it is`)
  if (!/^[\w-]+$/.test(name)) throw new Error(`archive ${want.path}: name ${JSON.stringify(name)}: letters, digits, _ and - are expected`)
  if (!Number.isInteger(strip) || strip < 0) throw new Error(`archive ${want.path}: strip ${strip}: a number of folders is expected`)
  const local = source ? localFile(fileURLToPath(source), statSync(source)) : null
  const { owner, group } = fullRights({ ...some('owner', want.owner), ...some('group', want.group) }, '755')
  return whole(
    {
      path: checked(want.path),
      name,
      strip,
      creates: creates === undefined ? null : checked(creates),
      owner,
      group,
      seconds,
      file,
      from: from === undefined ? null : checked(from),
      hash: local?.hash ?? null,
      bytes: source ? statSync(source).size : 0,
      content: local?.content ?? null,
    },
    meta,
  )
}

const some = (key: string, value: string | number | undefined) => (value === undefined ? {} : { [key]: value })

/** Prints what the folder says of itself, then the hash of the archive, and how it is unpacked. */
const printStamp = (want: Wanted): Sh => sh`f=${`${want.path}/${stamp(want)}`}
if [ -f "$f" ]; then head -n 1 "$f" || exit 74; else echo absent; fi
${
  want.from === null
    ? sh`h=${want.hash ?? ''}`
    : sh`[ -f ${want.from} ] || { echo ${`no such archive: ${want.from}`} >&2; exit 1; }
h=$(sha256sum <${want.from}) || exit 74`
}
echo "\${h%% *} "${want.strip}`
