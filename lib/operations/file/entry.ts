import { OptionError } from '../../errors/option-error.ts'
import { type Output, type Unknown, unreadable } from '../../operation.ts'
import { type Sh, sh } from '../../sh.ts'

/** An absolute path on a host. */
export type Path = `/${string}`

/** The owner, the group and the mode of a file or folder. */
export type Rights = {
  /** Octal, such as `640`. Default: 644 for a file, 755 for a folder. */
  readonly mode?: string
  /** A user's name, or a number. Default: root. */
  readonly owner?: string | number
  /** A group's name, or a number. Default: root. */
  readonly group?: string | number
}

/** What is at a path of a host. */
export type Entry = {
  readonly type: 'file' | 'directory' | 'symlink' | 'special file'
  readonly mode: string
  readonly uid: string
  readonly gid: string
  readonly owner: string
  readonly group: string
  readonly bytes: number
  /** How many names (hard links) it has. */
  readonly links: number
}

/**
 * Prints one line about a path, `absent` if nothing is there, and leaves it in `$s`. Fails if that
 * cannot be determined: a failed probe is never "absent".
 */
export const printEntry = (
  path: string,
): Sh => sh`s=$(stat -c '%F|%a|%u|%g|%U|%G|%s|%h' ${path} 2>&1) || case $s in
*'No such file'*|*'Not a directory'*) s=absent;;
*) printf '%s\n' "$s" >&2; exit 74;; esac
printf '%s\n' "$s"`

/**
 * Succeeds if nothing is at the path, and fails if something is. Ends the probe with 74 if that
 * cannot be determined: a failed look, and a symlink to nothing, is never "absent".
 */
export const isAbsent = (path: string | Sh): Sh => sh`{ [ ! -e ${path} ] && {
  s=$(stat -c %F ${path} 2>&1)
  case $s in *'No such file'* | *'Not a directory'*) ;;
    *) printf '%s: %s\n' ${path} "$s" >&2; exit 74 ;;
  esac
}; }`

/** Parses the line of `printEntry`; null is absent, undefined an unreadable line. */
export const readEntry = (line: string): Entry | null | undefined => {
  if (line === 'absent') return null
  const [words = '', mode = '', uid = '', gid = '', owner = '', group = '', bytes = '', links] =
    line.split('|')
  if (!/^\d+$/.test(bytes)) return undefined
  return {
    type: parseType(words),
    mode,
    uid,
    gid,
    owner,
    group,
    bytes: Number(bytes),
    links: Number(links ?? 1),
  }
}

/** The entry of a probe that printed nothing else. */
export const readOnlyEntry = (out: Output): Entry | null | Unknown => {
  const entry = out.exitCode === 0 ? readEntry(out.stdout.toString().replace(/\n$/, '')) : undefined
  return entry === undefined ? unreadable(out) : entry
}

const parseType = (words: string): Entry['type'] =>
  words.startsWith('regular')
    ? 'file'
    : words === 'directory'
      ? 'directory'
      : words === 'symbolic link'
        ? 'symlink'
        : 'special file'

/**
 * The rights of an entry in the form of the wanted ones: a number is compared with a number, a name
 * with a name.
 */
export const pickRights = (entry: Entry, want: Pick<Rights, 'owner' | 'group'>) => ({
  mode: entry.mode,
  owner: isNumeric(want.owner) ? entry.uid : entry.owner,
  group: isNumeric(want.group) ? entry.gid : entry.group,
})

const isNumeric = (value: string | number | undefined) => /^\d+$/.test(String(value))

/** The rights wanted, in full. Throws for bad ones. */
export const completeRights = (want: Rights, mode: string) => ({
  mode: normalizeMode(want.mode ?? mode),
  owner: checkOwner(want.owner ?? 'root', 'owner'),
  group: checkOwner(want.group ?? 'root', 'group'),
})

/** A mode as stat prints it. */
export const normalizeMode = (mode: string): string => {
  if (!/^0?[0-7]{3,4}$/.test(mode))
    throw new OptionError({
      message: `mode: ${JSON.stringify(mode)} is not a mode`,
      next: "write it in octal, such as '644'",
    })
  return String(Number(mode))
}

/**
 * A mode for chmod. With fewer than five digits, that of GNU lets a folder keep its set-id bits,
 * which it may have from the folder above it.
 */
export const exactMode = (mode: string): string => mode.padStart(5, '0')

const checkOwner = (name: string | number, what: string): string => {
  if (!/^([a-zA-Z_][\w.-]*\$?|\d+)$/.test(String(name)))
    throw new OptionError({ message: `${what}: ${JSON.stringify(name)} is not a name or a number` })
  return String(name)
}

/** Returns the path if an operation can own it; otherwise throws. */
export const checkPath = (path: string): string => {
  if (!/^\/(?!.*(\/\/|[\0\n]))(?!.*\/\.{1,2}(\/|$)).*[^/]$/s.test(path))
    throw new OptionError({
      message: `an absolute path is expected, not ${JSON.stringify(path)}`,
      next: 'leave out //, . and .., and a slash at its end',
    })
  return path
}
