import { posix } from 'node:path'
import { type Sh, sh } from '../../sh.ts'

/**
 * The path of a file's new version: beside the file, so that it can be renamed onto it, and always
 * the same, so that killed runs leave one such file at most.
 */
export const nameTemporary = (path: string): string =>
  posix.join(posix.dirname(path), `.${posix.basename(path).slice(0, 60)}.brd`)

type Put = {
  readonly path: string
  /** Writes the new content to its stdout. Default: what comes on stdin. */
  readonly from?: Sh
  /** What must have been written, or nothing is put in place: a lost link ends stdin early. */
  readonly bytes?: number
  readonly mode: string
  readonly owner: string
  readonly group: string
  /** Fails if the new version, at this path, must not be put in place. */
  readonly validate?: (path: Sh) => Sh
}

/**
 * Puts a file in place in one step: the new version is written beside it, readable by root only,
 * gets its owner and mode, is checked, synced to the disk and renamed. A symlink at the path is
 * replaced, a folder is an error. An interruption leaves the old file whole.
 */
export const putInPlace = ({
  path,
  from = sh`cat`,
  bytes,
  mode,
  owner,
  group,
  validate,
}: Put): Sh => sh`t=${nameTemporary(path)}
[ -d ${posix.dirname(path)} ] ||
  { echo ${`the folder ${posix.dirname(path)} does not exist`} >&2; exit 1; }
rm -f "$t" || exit 1
trap 'rm -f "$t"' 0; trap 'exit 143' HUP INT TERM
( set -C; umask 077; { ${from}
} >"$t" ) || exit 1
${
  bytes === undefined
    ? sh``
    : sh`[ "$(wc -c <"$t")" -eq ${bytes} ] ||
  { echo 'the content did not arrive whole; the file is as it was' >&2; exit 1; }
`
}chown ${`${owner}:${group}`} "$t" && chmod ${mode} "$t" || exit 1
${
  validate
    ? sh`( ${validate(sh`"$t"`)}
) || { echo 'the new content was refused by its check; the file is as it was' >&2; exit 1; }
`
    : sh``
}sync "$t" && ${rename(sh`"$t"`, path)} && sync ${posix.dirname(path)} || exit 1`

/**
 * Renames onto a path that may be a symlink to a folder. busybox refuses that, so the link is
 * removed first there.
 */
export const rename = (from: Sh, to: string): Sh =>
  sh`{ mv -f -T ${from} ${to} 2>/dev/null ||
  { [ ! -h ${to} ] || rm -f ${to}; mv -f -T ${from} ${to}; }; }`
