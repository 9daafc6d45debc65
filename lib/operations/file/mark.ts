import { type Sh, sh } from '../../sh.ts'

/** Writes words to a file of /var/lib/brd, one per line: what the next run remembers. */
export const writeMark = (path: string, words: Sh): Sh =>
  keepOutput(path, sh`printf '%s\n' ${words}`)

/**
 * Writes what a fragment prints to a file of /var/lib/brd, and makes its folder. The file is
 * replaced in one step after its content is on the disk, and so is its name before this ends.
 */
export const keepOutput = (path: string, print: Sh): Sh => {
  const folder = path.replace(/\/[^/]*$/, '')
  return sh`mkdir -p ${folder} && ${print} >${path}.new &&
  sync ${path}.new && mv -f ${path}.new ${path} && sync ${folder}`
}
