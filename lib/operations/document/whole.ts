import { type Change, type Output, Unknown, unreadable } from '../../operation.ts'
import type { Secret } from '../../secret.ts'
import { type Sh, sh } from '../../sh.ts'
import { sha256 } from '../file/content.ts'
import { editFile } from '../file/edit.ts'

/** Bytes of a file that is edited here: more than this is no file of settings. */
const MOST = 1024 * 1024

/** Prints a file whole, after a word that it is one. A symlink is followed. */
export const printWhole = (
  path: string,
): Sh => sh`[ -f ${path} ] || { echo ${`no such file: ${path}`} >&2; exit 1; }
[ "$(wc -c <${path})" -le ${MOST} ] || { echo ${`${path} is longer than ${MOST} bytes: line and block edit such a file where it is`} >&2; exit 1; }
echo file; cat ${path}`

/**
 * The text that `printWhole` printed. Bytes that are no UTF-8 would not survive the way back: such
 * a file is not touched.
 */
export const readWhole = (out: Output): string | Unknown => {
  if (out.rc !== 0 || !out.stdout.subarray(0, 5).equals(Buffer.from('file\n')))
    return unreadable(out)
  const content = out.stdout.subarray(5)
  const text = content.toString()
  return Buffer.from(text).equals(content)
    ? text
    : new Unknown('its content is no UTF-8 text: it is not touched')
}

/**
 * What brings a file from the text that was read to the new one: in one step, and only while it
 * still holds what was read. Owner and mode stay.
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
[ "\${h%% *}" = ${sha256(before)} ] || { echo 'the file was changed since it was read; nothing was written' >&2; exit 1; }
cat && [ "$(wc -c <"$t")" -eq ${bytes} ] || { echo 'the content did not arrive whole; the file is as it was' >&2; exit 1; }`,
    validate,
  ),
  stdin: after,
})
