import { type Sh, sh } from '../../sh.ts'

/**
 * Writes words to a file of /var/lib/brd, one per line, and makes its folder. The file is replaced
 * in one step after its content is on the disk.
 */
export const writeMark = (path: string, words: Sh): Sh =>
  sh`mkdir -p ${path.replace(/\/[^/]*$/, '')} && printf '%s\n' ${words} >${path}.new &&
  sync ${path}.new && mv -f ${path}.new ${path}`
