import { posix } from 'node:path'
import { type Sh, sh, shared } from '../../sh.ts'
import { addLoginCheck, keepLogin, mayHoldKeys } from '../access/keep-login.ts'
import { enterFolder, enterFolderOf, workBeside } from './folder.ts'

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
 * replaced, a folder is an error. An interruption leaves the old file whole. Access lists, extended
 * attributes, capabilities and the security label of a replaced file stay.
 */
export const putInPlace = ({
  path,
  from = sh`cat`,
  bytes,
  mode,
  owner,
  group,
  validate,
}: Put): Sh => sh`( ${enterFolderOf(path)}
${workBeside}
[ -z "$was" ] || [ ! -h "$was" ] || was=
${keepList}
{ ${from}
} >"$t" || exit 1
${
  bytes === undefined
    ? sh``
    : sh`[ "$(wc -c <"$t")" -eq ${bytes} ] ||
  { echo 'the content did not arrive whole; the file is as it was' >&2; exit 1; }
`
}chown ${`${owner}:${group}`} "$t" || exit 1
${keepAttributes}
chmod ${mode} "$t" || exit 1
${checkNew(addLoginCheck(path, validate))}${moveInPlace}
) || exit 1`

/** Gives a file other rights. One that another user can put there is held by a hard link. */
export const setRights = (path: string, { owner, group, mode }: Omit<Put, 'path'>): Sh => {
  const set = sh`( ${enterFolderOf(path)}
${workBeside}
[ -n "$was" ] && [ -f "$was" ] && [ ! -h "$was" ] ||
  refuse ${`${path} is not a file any more; nothing was changed`}
${refuseForeign}
chown ${`${owner}:${group}`} "$was" && chmod ${mode} "$was" || explain "$p"
) || exit 1`
  return mayHoldKeys(path) ? sh`${keepLogin(set)} || exit 1` : set
}

/** An empty file of root's, and the folders above it, if nothing is at the path. */
export const makeEmpty = (path: string): Sh =>
  sh`{ [ -e ${path} ] || [ -h ${path} ] || {
  ( ${enterFolder(posix.dirname(path), '755')} ) || exit 1
  ${putInPlace({ path, from: sh`:`, mode: '644', owner: '0', group: '0' })}
}; }`

/**
 * A file that has another name elsewhere may be anybody's: in a folder of another user its rights
 * stay as they are, unless it is that user's own.
 */
export const refuseForeign: Sh = shared(
  'foreign',
  sh`[ -z "$shared" ] || {
  set -- $(stat -c '%h %u' "$was") $(stat -c %u ..)
  [ "$1" -le 2 ] || [ "$2" = "$3" ] ||
    refuse "$name has other names (hard links), in a folder that another user can change:" \
      'its rights are left alone'
}`,
)

/** The new version is empty and root's, with the access list of the old one masked. */
const keepList: Sh = shared(
  'list',
  sh`umask 077; : >"$t" || exit 1
case $was\${was:+$(ls -ld "$was")} in ./*+' '* | ../*+' '*)
  cp -a --attributes-only --no-preserve=ownership,timestamps "$was" "$t" && chmod 600 "$t" ||
    refuse 'its access list (ACL) could not be kept; the file is as it was' ;;
esac`,
)

/** Extended attributes, capabilities and the security label; the tools of busybox know none. */
const keepAttributes: Sh = sh`[ -z "$was" ] ||
  cp -a --attributes-only --no-preserve=mode,ownership,timestamps "$was" "$t" 2>/dev/null || :`

export const checkNew = (validate: Put['validate']): Sh =>
  validate
    ? sh`( ${validate(sh`"$(pwd -P)/\${t#./}"`)}
) || { echo 'the new content was refused by its check; the file is as it was' >&2; exit 1; }
`
    : sh``

/**
 * Renames `$t` onto `$p`. busybox refuses that for a symlink to a folder, so the link is removed
 * first there. What is a mount point by itself (/etc/hosts of a container) cannot be replaced: it
 * is written in place, after the whole new version is on the disk.
 */
export const moveInPlace: Sh = shared(
  'move',
  sh`sync "$t" || exit 1
mv -f -T "$t" "$p" 2>/dev/null || {
  at=$(cd -P "\${p%/*}" && pwd -P) || exit 1
  if MOUNT=\${at%/}/$name awk '
    {gsub(/\\040/, " ", $5)}
    $5 "" == ENVIRON["MOUNT"] {found = 1} END {exit !found}' /proc/self/mountinfo; then
    set -- $(stat -c '%u:%g %a' "$t")
    cat "$t" >"$p" && chown "$1" "$p" && chmod "$2" "$p" && sync "$p" || exit 1
  else
    [ ! -h "$p" ] || rm -f "$p"
    mv -f -T "$t" "$p" || explain "$p"
  fi
}
sync "\${p%/*}"`,
)

/**
 * Renames onto a path that may be a symlink to a folder. busybox refuses that, so the link is
 * removed first there.
 */
export const rename = (from: Sh, to: string): Sh =>
  sh`{ mv -f -T ${from} ${to} 2>/dev/null ||
  { [ ! -h ${to} ] || rm -f ${to}; mv -f -T ${from} ${to}; }; }`
