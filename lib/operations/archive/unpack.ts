import { posix } from 'node:path'
import type { Payload } from '../../operation.ts'
import { join, quote, type Sh, sh } from '../../sh.ts'

/** An archive and how to unpack it, with all defaults. */
export type WantedArchive = {
  readonly path: string
  readonly name: string
  readonly strip: number
  readonly creates: string | null
  readonly owner: string
  readonly group: string
  readonly seconds: number
  /** The archive's name, which tells its format. */
  readonly file: string
  /** The archive on the host, or null if it is sent. */
  readonly from: string | null
  readonly hash: string | null
  readonly bytes: number
  readonly content: (() => Payload) | null
}

/** The file in the folder that records what was unpacked into it. */
export const nameStamp = ({ name }: WantedArchive): string => `.${name}.archive.brd`

/**
 * Unpacks an archive beside its place, gives all of it its owner, and moves it in, file by file.
 * `content` is kept as what the folder was unpacked from.
 */
export const unpack = (want: WantedArchive, content: string | null): Sh => {
  const { path, strip, owner, group, name } = want
  const stage = `.${name}.unpack.brd`
  return sh`if [ ! -d ${path} ]; then
  ( umask 022; mkdir -p ${posix.dirname(path)} ) && mkdir -m 755 ${path} &&
  chown ${`${owner}:${group}`} ${path} || exit 1
fi
cd -P ${path} && to=$(pwd -P) || exit 1
trap ${`rm -rf ${quote(`${path}/${stage}`)}`} 0; trap 'exit 143' HUP INT TERM
rm -rf ${stage} && mkdir -p -m 700 ${stage}/t || exit 1
${receiveArchive(want, stage)}
${content === null ? sh`:` : compareHash(strip, content)}
${extract(want.file, `${stage}/t`)} ||
  { echo ${`${want.file} could not be unpacked; what is in the folder is as it was`} >&2; exit 1; }
s=$to/${stage}/t
${join(Array.from({ length: strip }, () => INNER))}
chown -h -R ${`${owner}:${group}`} "$s" && { sync -f "$s" 2>/dev/null || sync; } || exit 1
rm -f ${nameStamp(want)} && cd "$s" || exit 1
${MOVE}
${content === null ? sh`:` : writeStamp(want, stage, content)}`
}

/** Fails if the archive is no longer the one that the probe read. */
const compareHash = (strip: number, content: string): Sh =>
  sh`h=$(sha256sum <"$a") && [ "\${h%% *} "${strip} = ${content} ] || {
  echo 'the archive was changed since it was looked at; nothing was unpacked' >&2
  exit 1
}`

const writeStamp = (want: WantedArchive, stage: string, content: string): Sh =>
  sh`cd "$to" && printf '%s\n' ${content} >${stage}/stamp && chmod 644 ${stage}/stamp &&
  mv -f ${stage}/stamp ${nameStamp(want)} || exit 1`

/** Leaves the archive's place in `$a`. */
const receiveArchive = ({ from, bytes }: WantedArchive, stage: string): Sh =>
  from === null
    ? sh`a=${stage}/archive; cat >"$a" && [ "$(wc -c <"$a")" -eq ${bytes} ] ||
  { echo 'the archive did not arrive whole; nothing was unpacked' >&2; exit 1; }`
    : sh`a=${from}`

const extract = (file: string, into: string): Sh => {
  if (file.endsWith('.zip'))
    return sh`command -v unzip >/dev/null || { echo 'the host has no unzip' >&2; exit 1; }
( umask 022; unzip -q -d ${into} "$a" >&2 )`
  const how = [...flags].find(([suffix]) => suffix.test(file))?.[1] ?? []
  return sh`tar -x ${how} -f "$a" -C ${into}`
}

const flags: readonly (readonly [RegExp, readonly string[]])[] = [
  [/\.(tar\.gz|tgz)$/, ['-z']],
  [/\.(tar\.xz|txz)$/, ['-J']],
  [/\.tar\.bz2$/, ['-j']],
  [/\.tar\.zst$/, ['--zstd']],
]

/** Enters the single folder around the content. */
const INNER = sh`set -- "$s"/*
[ "$(ls -A "$s" | wc -l)" -eq 1 ] && [ ! -h "$1" ] && [ -d "$1" ] ||
  { echo 'strip: there is not one folder around all of the content' >&2; exit 1; }
s=$1`

/**
 * Missing folders move as they are; into existing ones each file moves by itself.
 * Nothing is written through a symlink.
 */
const REAL = sh`-exec sh -c '[ ! -h "$1" ] && [ -d "$1" ]' sh "$to"/{} ';'`
const MOVE = sh`find . ! -name . -type d ! ${REAL} -exec mv -T {} "$to"/{} ';' -prune 2>/dev/null
d=$(find . ! -name . -type d ! ${REAL} -print | head -n 1)
[ -z "$d" ] || { echo "$d: not a folder, so it is not followed" >&2; exit 1; }
find . ! -type d -exec sh -c '
to=$1; shift
for f; do [ ! -h "$to/$f" ] || rm -f "$to/$f"; mv -f -T "$f" "$to/$f" || exit 1; done
' sh "$to" {} + || exit 1
[ -z "$(find . ! -type d | head -n 1)" ] ||
  { echo 'not all of it could be moved into place' >&2; exit 1; }`
