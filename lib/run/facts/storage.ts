import { Unknown } from '../../operation.ts'
import { sh } from '../../sh.ts'
import type { Fact } from './fact.ts'

/** A mounted file system. Sizes in bytes. */
export type Mount = {
  readonly path: string
  /** `/dev/vda1`, `tmpfs`, `server:/export`. */
  readonly source: string
  /** `ext4`, `tmpfs`, `nfs4`. */
  readonly type: string
  readonly size: number
  readonly used: number
  /** What is left for those who are not root. */
  readonly available: number
}

/** The mounted file systems that have a size. Where one was mounted over another, the upper one. */
export const mounts: Fact<readonly Mount[]> = {
  name: 'mounts',
  // df ends with 1 for a file system that it may not look into; it prints the others all the same.
  probe: sh`df -Pk 2>/dev/null || :; echo mounts; cat /proc/mounts`,
  read: printed => {
    const [told = '', list = ''] = printed.split(/^mounts$/m)
    const types = new Map(
      list
        .split('\n')
        .map(line => [unescapePath(line.split(' ')[1] ?? ''), line.split(' ')[2] ?? '']),
    )
    const found = new Map(told.split('\n').flatMap(line => parseMount(line, types)))
    return found.size > 0 ? [...found.values()] : new Unknown('df told of no file system')
  },
}

/** A line of df: its first and its last word may hold spaces. */
const parseMount = (line: string, types: ReadonlyMap<string, string>): [string, Mount][] => {
  const [, source = '', size, used, available, path = ''] =
    /^(.*?)\s+(\d+)\s+(\d+)\s+(-?\d+)\s+(?:\d+%|-)\s+(\/.*)$/.exec(line) ?? []
  const bytes = (blocks: string | undefined): number => Math.max(0, Number(blocks)) * 1024
  if (path === '' || Number(size) === 0) return []
  return [
    [
      path,
      {
        path,
        source,
        type: types.get(path) ?? '',
        size: bytes(size),
        used: bytes(used),
        available: bytes(available),
      },
    ],
  ]
}

/** The kernel writes spaces and the like as three octal digits. */
const unescapePath = (path: string): string =>
  path.replace(/\\([0-7]{3})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 8)),
  )

/** A whole disk, not a partition. */
export type Disk = {
  /** As the kernel names it: `sda`, `vda`, `nvme0n1`. */
  readonly name: string
  /** In bytes. */
  readonly size: number
  /** Whether it turns; null if unknown. */
  readonly rotational: boolean | null
}

/** The disks that hold something. Loop devices and memory do not count. */
export const disks: Fact<readonly Disk[]> = {
  name: 'disks',
  probe: sh`echo disks; for d in /sys/block/*; do
[ -e "$d/size" ] || continue
read -r s <"$d/size" && { read -r r <"$d/queue/rotational"; } 2>/dev/null || r=-
echo "\${d##*/} $s $r"; done`,
  read: printed => {
    const [head, ...lines] = printed.trimEnd().split('\n')
    if (head !== 'disks')
      return new Unknown(`the kernel's list of disks begins with ${JSON.stringify(head)}`)
    return lines.flatMap(line => {
      const [name = '', sectors, rotational] = line.split(' ')
      if (/^(?:loop|ram|zram|fd|sr|dm-|md)\d*/.test(name) || Number(sectors) === 0) return []
      return [
        {
          name,
          size: Number(sectors) * 512,
          rotational: rotational === '-' ? null : rotational === '1',
        },
      ]
    })
  },
}
