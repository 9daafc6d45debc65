import { OptionError } from '../../errors/option-error.ts'
import { type Change, Unknown } from '../../operation.ts'
import { type Sh, sh } from '../../sh.ts'
import { checkPath, type Entry } from './entry.ts'
import { enterFolderOf, workBeside } from './folder.ts'
import { vital } from './vital.ts'

/** A path at which nothing is wanted. */
export type Removal = { readonly path: string; readonly state: 'absent' }

/** Returns the path, unless the system needs what is there. */
export const checkRemoval = (path: string): Removal => {
  if (vital.test(checkPath(path)))
    throw new OptionError({
      message: 'refused: the system needs what is there',
      next: 'name a path further down',
    })
  return { path, state: 'absent' }
}

const operationFor = { file: 'file', directory: 'directory', symlink: 'link' } as const

/** Removes what is at the path, if it is of one of these types; anything else stays. */
export const planRemoval = (
  now: Entry | null,
  path: string,
  types: readonly Entry['type'][],
  recursive = false,
): Change | Unknown | null => {
  if (!now) return null
  if (!types.includes(now.type))
    return new Unknown(
      now.type === 'special file'
        ? `${path} is a special file: it is not removed`
        : `${path} is a ${now.type}: ` +
            `${operationFor[now.type]}({ path, state: 'absent' }) removes it`,
    )
  const diff = [{ key: 'type', before: now.type, after: null }]
  if (now.type !== 'directory')
    return {
      diff,
      apply: sh`${enterFolderOf(path)}
${refuseMounts(path)}
rm -f "./$name" || explain "./$name"`,
    }
  if (recursive)
    return {
      diff,
      apply: sh`( ${enterFolderOf(path)}
${refuseMounts(path)}
${removeTree}
) || exit 1`,
      seconds: 600,
    }
  return {
    diff,
    apply: sh`${enterFolderOf(path)}
${refuseMounts(path)}
rmdir "./$name" ||
  { echo 'give recursive: true to remove what is in it' >&2; exit 1; }`,
  }
}

/**
 * Removes the folder `$name`. rm of GNU never follows a symlink that another user puts in the place
 * of a folder meanwhile; any other gets the folder in a private one first.
 */
const removeTree: Sh = sh`case $(rm --version 2>/dev/null) in
*GNU*) rm -rf "./$name" || explain "./$name" ;;
*)
  shared=yes me=$(id -u)
  ${workBeside}
  mv -f -T "$p" ./t || explain "$p"
  rm -rf ./t || exit 1 ;;
esac`

/** Fails if something is mounted at the path or below it: rm would empty that too. */
const refuseMounts = (path: string) => sh`at=$(pwd -P) || exit 1
AT=\${at%/}/$name MOUNT=${path} awk '
function within(top) {return at "" == ENVIRON[top] || index(at, ENVIRON[top] "/") == 1}
function meant(text, out) { # as the kernel writes blanks and backslashes
  out = ""
  while (match(text, /\\[0-7][0-7][0-7]/)) {
    out = out substr(text, 1, RSTART - 1) sign[substr(text, RSTART + 1, 3)]
    text = substr(text, RSTART + 4)
  }
  return out text
}
BEGIN {sign["040"] = " "; sign["011"] = "\t"; sign["012"] = "\n"; sign["134"] = "\\"}
{at = meant($5)}
within("MOUNT") || within("AT") {print "mounted: " at > "/dev/stderr"; bad = 1}
END {exit bad}' /proc/self/mountinfo || exit 1`
