import type { Payload } from '../../operation.ts'
import { join, type Sh, sh } from '../../sh.ts'
import { enterFolderOf } from '../file/folder.ts'

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
 * Unpacks an archive beside its place, in a private folder, gives all of it its owner, and moves it
 * in, file by file. `content` is kept as what the folder was unpacked from, with the names of all
 * that was in it.
 */
export const unpack = (want: WantedArchive, content: string | null): Sh => {
  const { path, strip, owner, group, name } = want
  const stage = `.${name}.unpack.brd`
  return sh`${enterFolderOf(path, '755')}
made=; [ -d "./$name" ] || { mkdir -m 755 "./$name" && made=yes; } || exit 1
enter ${path}
[ -z "$made" ] || chown ${`${owner}:${group}`} . || exit 1
[ -n "$shared" ] || rm -rf ${stage} || exit 1
[ ! -h ${stage} ] && [ -d ${stage} ] || rm -f ${stage} || exit 1
[ -d ${stage} ] || mkdir -m 700 ${stage} || exit 1
step ${stage}
case $(stat -c '%u %a' .) in "$(id -u) 700" | "$(id -u) 2700") ;;
  *) refuse ${`${stage} is in the way: remove it`} ;; esac
exec 3<.
trap ${`cd /proc/self/fd/3 && rm -rf ./t ./archive ./stamp; cd -P .. && rmdir ${stage}`} 0
trap 'exit 143' HUP INT TERM
rm -rf ./t ./archive ./stamp && mkdir -m 700 ./t || exit 1
${receiveArchive(want)}
${content === null ? sh`:` : compareHash(strip, content)}
${extract(want.file, './t')} ||
  { echo ${`${want.file} could not be unpacked; what is in the folder is as it was`} >&2; exit 1; }
s=./t
${join(Array.from({ length: strip }, () => INNER))}
chown -h -R ${`${owner}:${group}`} "$s" && { sync -f "$s" 2>/dev/null || sync; } || exit 1
${content === null ? sh`:` : makeStamp(content)}
s=/proc/self/fd/3/$s; cd -P .. && rm -f ${nameStamp(want)} || exit 1
${MOVE}
${content === null ? sh`:` : sh`mv -f -T /proc/self/fd/3/stamp ./${nameStamp(want)} || exit 1`}`
}

/** Fails if the archive is no longer the one that the probe read. */
const compareHash = (strip: number, content: string): Sh =>
  sh`h=$(sha256sum <"$a") && [ "\${h%% *} "${strip} = ${content} ] || {
  echo 'the archive was changed since it was looked at; nothing was unpacked' >&2
  exit 1
}`

/** What was unpacked, then every name in it: what is removed by hand is missed then. */
const makeStamp = (content: string): Sh =>
  sh`{ printf '%s\n' ${content} && ( cd "$s" && find . ! -name . -print | sort ); } >./stamp &&
  chmod 644 ./stamp || exit 1`

/** Leaves the archive's place in `$a`. */
const receiveArchive = ({ from, bytes }: WantedArchive): Sh =>
  from === null
    ? sh`a=./archive; cat >"$a" && [ "$(wc -c <"$a")" -eq ${bytes} ] ||
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
 * Missing folders move as they are; into existing ones each file moves by itself. A folder that is
 * a symlink, or a file, is found before anything moves. Each folder is entered step by step, so
 * that nothing is written through a symlink that is put there meanwhile.
 */
const MOVE = sh`d=$(to=$PWD; cd "$s" && find . ! -name . -type d -exec sh -c '
to=$1; shift
for d; do
  [ ! -h "$to/$d" ] && { [ -d "$to/$d" ] || [ ! -e "$to/$d" ]; } || { echo "$d"; break; }
done' sh "$to" {} + | head -n 1)
[ -z "$d" ] || { echo "$d: not a folder, so it is not followed" >&2; exit 1; }
merge() { # a folder of the archive, into the working folder
  for f in "$1"/* "$1"/.[!.]* "$1"/..?*; do
    [ -e "$f" ] || [ -h "$f" ] || continue
    n=\${f##*/}
    if [ -h "$f" ] || [ ! -d "$f" ]; then
      [ ! -h "./$n" ] || rm -f "./$n"
      mv -f -T "$f" "./$n" || exit 1
    elif [ -e "./$n" ] || [ -h "./$n" ]; then
      ( step "$n" && merge "$f" ) || exit 1
    else mv -T "$f" "./$n" || exit 1; fi
  done
}
merge "$s"`
