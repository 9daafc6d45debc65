import { type Change, type Output, Unknown, unreadable } from '../../operation.ts'
import type { Secret } from '../../secret.ts'
import { type Sh, sh } from '../../sh.ts'
import { sha256 } from '../file/content.ts'
import { editFile, PRESENT } from '../file/edit.ts'

/** The most bytes of a file that is edited on the controller: files of settings are smaller. */
const MOST = 1024 * 1024

/** Prints the word `file`, then the whole file. A symlink is followed. */
export const printWhole = (
  path: string,
): Sh => sh`[ -f ${path} ] || { echo ${`no such file: ${path}`} >&2; exit 1; }
set -- $(stat -L -c '%s %h' ${path})
[ "$1" -le ${MOST} ] || {
  echo ${`${path} is longer than ${MOST} bytes: use line or block for such a file`} >&2
  exit 1
}
case $2 in 1) echo file ;; *) echo "file $2" ;; esac
cat ${path}`

/** A file's text, and how many names (hard links) it has. */
export type Whole = { readonly text: string; readonly names: number }

/**
 * The text that `printWhole` printed. Bytes that are not UTF-8 would be lost on the way back: such
 * a file is not changed.
 */
export const readWhole = (out: Output): Whole | Unknown => {
  const first = out.stdout.subarray(0, out.stdout.indexOf(10) + 1).toString('latin1')
  const head = /^file(?: (\d+))?\n$/.exec(first)
  if (out.exitCode !== 0 || !head) return unreadable(out)
  const content = out.stdout.subarray(first.length)
  const text = content.toString()
  return Buffer.from(text).equals(content)
    ? { text, names: Number(head[1] ?? 1) }
    : new Unknown('its content is not UTF-8 text: the file is left as it is')
}

/**
 * Replaces the text that was read by the new one: in one step, and only if the file still holds
 * what was read. Owner and mode stay.
 */
export const rewriteFile = (
  path: string,
  before: string,
  after: string | Secret,
  bytes: number,
  validate?: (path: Sh) => Sh,
): Pick<Change, 'apply' | 'stdin'> => ({
  apply: editFile(
    path,
    sh`h=$(sha256sum <${PRESENT}) || exit 1
[ "\${h%% *}" = ${sha256(before)} ] ||
  { echo 'the file was changed since it was read; nothing was written' >&2; exit 1; }
cat && [ "$(wc -c <"$t")" -eq ${bytes} ] ||
  { echo 'the content did not arrive whole; the file is as it was' >&2; exit 1; }`,
    validate,
  ),
  stdin: after,
})
