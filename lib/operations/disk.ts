import { parseBytes } from '../compose/units.ts'
import { operation, Unknown, unreadable } from '../operation.ts'
import { sh } from '../sh.ts'

export type Free = {
  /**
   * A folder on the file system to check. If it does not exist yet, its nearest parent is used.
   */
  readonly path: `/${string}`
  /** The space that must be free for users other than root, such as `512M` or `2G`. */
  readonly minFree: `${number}${'K' | 'M' | 'G'}`
}

/** In bytes; `files` is null if the file system does not count them. */
type Now = { readonly total: number; readonly left: number; readonly files: number | null }

/**
 * The file system has this much space left and can take further files. This only checks: if the
 * file system is too full, the run ends before the operations that are listed after this one.
 */
const free = operation('disk.free', {
  name: ({ path }: Free) => path,
  probe: ({ path }) => sh`p=${path}; until [ -e "\${p:-/}" ]; do p=\${p%/*}; done
stat -f -c '%S %b %a %c %d' "\${p:-/}"`,
  read: (out): Now | Unknown => {
    const [block = 0, blocks = 0, left = 0, inodes = 0, files = 0] = out.stdout
      .toString()
      .trim()
      .split(' ')
      .map(Number)
    if (out.exitCode !== 0 || !(block > 0)) return unreadable(out, 'the file system cannot be read')
    return { total: block * blocks, left: block * left, files: inodes > 0 ? files : null }
  },
  plan: ({ total, left, files }, { path, minFree: least }) => {
    const way = 'free some space (docker system df, journalctl --disk-usage), or use a larger disk'
    if (left < parseBytes(least))
      return new Unknown(
        `the disk of ${path} has ${formatSize(left)} left of ${formatSize(total)}, ` +
          `and ${least} are required: ${way}`,
      )
    return files === 0
      ? new Unknown(
          `the disk of ${path} has no inodes left, although ${formatSize(left)} are free: ${way}`,
        )
      : null
  },
})

export const disk = {
  /** The file system has this much space left and can take further files. */
  free,
}

const formatSize = (amount: number): string => {
  const [unit, size] =
    amount < 1024 ** 3 ? (['M', 1024 ** 2] as const) : (['G', 1024 ** 3] as const)
  return `${Math.floor((amount / size) * 10) / 10}${unit}`
}
