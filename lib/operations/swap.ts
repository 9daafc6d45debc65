import { OptionError } from '../errors/option-error.ts'
import { change, type Diff, differences, operation, Unknown, unreadable } from '../operation.ts'
import { join, sh } from '../sh.ts'
import { checkPath, type Entry, type Path, printEntry, readEntry } from './file/entry.ts'
import { enterFolderOf, refuseSharedWay } from './file/folder.ts'
import { type Fstab, fstabDiff, fstabLine, printFstab, putFstab, readFstab } from './mount/fstab.ts'
import { findUnit, printUnits } from './mount/unit.ts'

export type Swap = {
  /**
   * The swap file. A file of another size at this path is replaced and lost. Default /swapfile.
   */
  readonly path?: Path
  /** The table. Default /etc/fstab. */
  readonly fstab?: Path
} & (
  | {
      /**
       * Its size in MiB, or with a unit: `2G`. A file of another size is replaced.
       * @range 1 or more
       */
      readonly size: number | `${number}M` | `${number}G`
      /** `absent`: swapping is off and the file is removed. Default present. */
      readonly state?: 'present'
    }
  | { readonly state: 'absent'; readonly size?: never }
)

type Now = { readonly lines: readonly string[]; readonly file: Entry | null; readonly on: boolean }

/**
 * The host swaps to a file of this size, now and after a boot. btrfs and kernels without swap are
 * not supported.
 */
export const swap = operation('swap', {
  check: (want: Swap) => {
    checkPath(getPath(want))
    if (
      want.size !== undefined &&
      !(parseMebibytes(want.size) >= 1 && Number.isInteger(parseMebibytes(want.size)))
    )
      throw new OptionError({
        message: `${JSON.stringify(want.size)} is not a size`,
        next: "use a whole number of MiB, or a text such as '512M' or '2G'",
      })
  },
  name: (want: Swap) => getPath(want),
  probe: want => sh`${printFstab(describeFstab(want))}
${printEntry(getPath(want))}
${describeFstab(want).path === '/etc/fstab' ? printUnits(getPath(want), ['swap']) : sh`:`}
all=$(swapon --show=NAME --noheadings --raw) || exit 1
if printf '%s\n' "$all" | grep -qxF ${getPath(want)}; then echo on; else echo off; fi`,
  read: (out): Now | Unknown => {
    const table = readFstab(out)
    if (table instanceof Unknown) return table
    const [first = '', on] = table.rest.filter(line => !line.startsWith('unit '))
    const unit = findUnit(table.rest)
    if (unit) return unit
    const file = readEntry(first)
    return file === undefined || (on !== 'on' && on !== 'off')
      ? unreadable(out)
      : { lines: table.lines, file, on: on === 'on' }
  },
  plan: (now, want) => {
    if (now.file && now.file.type !== 'file')
      return new Unknown(`${getPath(want)} is a ${now.file.type}, not a swap file: remove it first`)
    const table = fstabDiff(now.lines, describeFstab(want))
    const wanted =
      want.state === 'absent'
        ? { size: null, on: null }
        : { size: formatMebibytes(parseMebibytes(want.size)), mode: '600', owner: '0', on: 'on' }
    const is = {
      size: now.file && formatMebibytes(now.file.bytes / 2 ** 20),
      mode: now.file?.mode,
      owner: now.file?.uid,
      on: now.on ? 'on' : null,
    }
    const live: Diff = differences(is, wanted)
    const steps = [
      ...(live.length > 0 ? [applySwap(now, live, want)] : []),
      ...(table.length > 0 ? [putFstab(describeFstab(want))] : []),
    ]
    return change([...live, ...table], join(steps), { seconds: 900 })
  },
})

const getPath = ({ path = '/swapfile' }: Swap): Path => path
const describeFstab = (want: Swap): Fstab => ({
  path: want.fstab ?? '/etc/fstab',
  key: getPath(want),
  line: want.state === 'absent' ? null : fstabLine(getPath(want), 'none', 'swap', 'sw'),
})

const parseMebibytes = (size: number | string): number => {
  const [, digits, unit] = /^(\d+)([MG]?)$/.exec(String(size)) ?? []
  return digits === undefined ? Number.NaN : Number(digits) * (unit === 'G' ? 1024 : 1)
}
const formatMebibytes = (mebi: number): string => `${mebi} MiB`

/**
 * Turns swapping on or off. A file of another size is replaced: the new one is written under
 * another name, so that an interrupted run leaves no partial swap file. A full disk fails first.
 */
const applySwap = (now: Now, live: Diff, want: Swap) => {
  const path = getPath(want)
  const again = live.some(({ key }) => key === 'size')
  const off = now.on ? sh`swapoff ${path} || exit 1` : sh`:`
  if (want.state === 'absent')
    return sh`${off}
rm -f ${path} || exit 1`
  const made = path.replace(/[^/]*$/, name => `.${name}.brd`)
  const make = sh`rm -f ${made} ${path} &&
  dd if=/dev/zero of=${made} bs=1048576 count=${parseMebibytes(want.size)} 2>/dev/null || {
  rm -f ${made}
  echo 'the disk has no room for it' >&2
  exit 1
}
chmod 600 ${made} && mkswap ${made} >/dev/null && sync ${made} && mv -f ${made} ${path} || exit 1`
  const on = sh`swapon ${path} 2>/dev/null ||
  { mkswap ${path} >/dev/null && swapon ${path}; } || exit 1`
  return sh`( ${enterFolderOf(path)}
${refuseSharedWay(path)} ) || exit 1
${again ? off : sh`:`}
${again ? make : sh`chown 0:0 ${path} && chmod 600 ${path} || exit 1`}
${again || !now.on ? on : sh`:`}`
}
