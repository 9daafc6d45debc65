import { posix } from 'node:path'
import { type Sh, sh } from '../../sh.ts'

/** Where a host keeps what the next run must remember. */
const FOLDER = '/var/lib/brd'

/**
 * Prints a file of /var/lib/brd, or the word `absent` gives if it is not there. Any other failure,
 * and a dangling symlink on the way, ends the probe with 74: what cannot be read is never "never".
 */
export const printMark = (path: string, absent: string): Sh =>
  sh`for f in ${[FOLDER, posix.dirname(path), path]}; do
  [ ! -h "$f" ] || [ -e "$f" ] || { echo "$f points at nothing" >&2; exit 74; }
done
m=$(cat ${path} 2>&1) || case $m in
*'No such file'*) m=${absent};;
*) printf '%s\n' "$m" >&2; exit 74;; esac
printf '%s\n' "$m"`

/** Writes words to a file of /var/lib/brd, one per line: what the next run remembers. */
export const writeMark = (path: string, words: Sh): Sh =>
  keepOutput(path, sh`printf '%s\n' ${words}`)

/**
 * Writes what a fragment prints to a file of /var/lib/brd, and makes its folder. The file is
 * replaced in one step after its content is on the disk, and so is its name before this ends.
 */
export const keepOutput = (path: string, print: Sh): Sh => {
  const folder = posix.dirname(path)
  const fresh = `${folder}/.${posix.basename(path)}.new`
  return sh`mkdir -p ${folder} && ${print} >${fresh} &&
  sync ${fresh} && mv -f ${fresh} ${path} && sync ${folder}`
}
