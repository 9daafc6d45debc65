import { OptionError } from '../../errors/option-error.ts'
import { type Change, Unknown } from '../../operation.ts'
import { sh } from '../../sh.ts'
import { checkPath, type Entry } from './entry.ts'
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
  if (now.type !== 'directory') return { diff, apply: sh`rm -f ${path}` }
  if (recursive) return { diff, apply: sh`${refuseMounts(path)} && rm -rf ${path}`, seconds: 600 }
  return {
    diff,
    apply: sh`rmdir ${path} ||
  { echo 'give recursive: true to remove what is in it' >&2; exit 1; }`,
  }
}

/** Fails if something is mounted at the folder or below it: rm would empty that too. */
const refuseMounts = (path: string) => sh`MOUNT=${path} awk '
$5 == ENVIRON["MOUNT"] || index($5, ENVIRON["MOUNT"] "/") == 1 {
  print "mounted: " $5 > "/dev/stderr"; bad = 1
}
END {exit bad}' /proc/self/mountinfo`
