import { type Change, type Output, Unknown, unreadable } from '../../operation.ts'
import type { Secret } from '../../secret.ts'
import { type Sh, sh } from '../../sh.ts'
import { sha256 } from '../file/content.ts'
import { editFile } from '../file/edit.ts'

/** The most bytes of a file that is edited on the controller: files of settings are smaller. */
const MOST = 1024 * 1024

/** Prints the word `file`, then the whole file. A symlink is followed. */
export const printWhole = (
  path: string,
): Sh => sh`[ -f ${path} ] || { echo ${`no such file: ${path}`} >&2; exit 1; }
[ "$(wc -c <${path})" -le ${MOST} ] || {
  echo ${`${path} is longer than ${MOST} bytes: use line or block for such a file`} >&2
  exit 1
}
echo file; cat ${path}`

/**
 * The text that `printWhole` printed. Bytes that are not UTF-8 would be lost on the way back: such
 * a file is not changed.
 */
export const readWhole = (out: Output): string | Unknown => {
  if (out.exitCode !== 0 || !out.stdout.subarray(0, 5).equals(Buffer.from('file\n')))
    return unreadable(out)
  const content = out.stdout.subarray(5)
  const text = content.toString()
  return Buffer.from(text).equals(content)
    ? text
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
    sh`h=$(sha256sum <"$p") || exit 1
[ "\${h%% *}" = ${sha256(before)} ] ||
  { echo 'the file was changed since it was read; nothing was written' >&2; exit 1; }
cat && [ "$(wc -c <"$t")" -eq ${bytes} ] ||
  { echo 'the content did not arrive whole; the file is as it was' >&2; exit 1; }`,
    validate,
  ),
  stdin: after,
})
