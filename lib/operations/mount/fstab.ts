import { type Diff, type Output, type Unknown, unreadable } from '../../operation.ts'
import { type Sh, sh } from '../../sh.ts'
import { editFile, PRESENT } from '../file/edit.ts'
import { isAbsent } from '../file/entry.ts'
import { makeEmpty } from '../file/put.ts'
import { escapePath } from './escape.ts'

/**
 * A line of fstab as it is wanted; null: none. It is known by its mount point, that of a swap area
 * by what is swapped on.
 */
export type Fstab = { readonly path: string; readonly key: string; readonly line: string | null }

/** One line of fstab. A blank in a field is written as fstab wants it. */
export const fstabLine = (
  source: string,
  path: string,
  type: string,
  options: string,
  dump = 0,
  pass = 0,
): string => [escapePath(source), escapePath(path), type, escapePath(options), dump, pass].join(' ')

/** Prints the lines of fstab that are for this, and `end`. A file that is not there has none. */
export const printFstab = ({
  path,
  key,
}: Fstab): Sh => sh`${isAbsent(path)} || { ${awk(key, sh`ours()`, sh`${path}`)}
} || exit 74
echo end`

/** What `printFstab` printed first, and the lines after it. */
export const readFstab = (
  out: Output,
): { readonly lines: readonly string[]; readonly rest: readonly string[] } | Unknown => {
  const all = out.stdout.toString().split('\n').slice(0, -1)
  const end = all.indexOf('end')
  return out.exitCode === 0 && end >= 0
    ? { lines: all.slice(0, end), rest: all.slice(end + 1) }
    : unreadable(out)
}

export const fstabDiff = (now: readonly string[], { line }: Fstab): Diff =>
  (line === null ? now.length === 0 : now.length === 1 && tidy(now[0] ?? '') === line)
    ? []
    : [{ key: 'fstab', before: now.length > 0 ? now.join('\n') : null, after: line }]

/**
 * Puts the line in the place of those that are for the same, otherwise at the end; or takes them
 * out. systemd reads the file again.
 */
export const putFstab = ({ path, key, line }: Fstab): Sh => sh`${makeEmpty(path)}
( ${editFile(
  path,
  sh`LINE=${line ?? ''} ${awk(
    key,
    sh`function put() {if (!done && ENVIRON["LINE"] != "") print ENVIRON["LINE"]; done = 1}
{if (ours()) put(); else print} END {put()}`,
    PRESENT,
  )}`,
)} ) || exit 1
[ ${path} != /etc/fstab ] || [ ! -d /run/systemd/system ] || systemctl daemon-reload || exit 1`

/** awk with `ours()` true of the lines that are for this. */
const awk = (key: string, program: Sh, path: Sh): Sh => sh`KEY=${escapePath(key)} awk '
function ours(  at) {
  if ($1 ~ /^#/ || NF < 3) return 0
  at = $3 == "swap" ? $1 : $2
  if (at != "/") sub(/\/+$/, "", at)
  return at "" == ENVIRON["KEY"]
}
${program}' ${path}`

/** With single spaces and both numbers, so that only what matters differs. */
const tidy = (line: string): string => {
  const [source = '', at = '', type = '', options = 'defaults', dump = '0', pass = '0'] = line
    .trim()
    .split(/\s+/)
  const path = at.replace(/(?<=.)\/+$/, '')
  return [source, path, type, options, dump, pass].join(' ')
}
