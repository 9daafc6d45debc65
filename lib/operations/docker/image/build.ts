import type { Output } from '../../../operation.ts'
import { type Sh, sh } from '../../../sh.ts'

/** The label with what an image was built from: a hash of the arguments and one of the folder. */
export const buildLabel = 'brd.build'

/**
 * Sets `$context` to a hash of the folder: names, modes, targets of links and contents. Exits with
 * 3 if the folder does not exist.
 */
export const hashContext = (
  folder: string,
): Sh => sh`[ -d ${folder} ] || { echo ${`there is no folder ${folder}`} >&2; exit 3; }
names=$(cd ${folder} && find . ! -type d -exec stat -c '%A %N' {} +) &&
  sums=$(cd ${folder} && find . -type f -exec sha256sum {} +) || exit 74
context=$(printf '%s\n%s\n' "$names" "$sums" | sort | sha256sum | cut -c 1-16)`

/** Reads the hash that the probe printed. */
export const readBuild = (out: Output): string =>
  /^context ([0-9a-f]{16})$/m.exec(out.stdout.toString())?.[1] ?? ''
