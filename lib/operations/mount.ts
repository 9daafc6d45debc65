import { change, type Diff, differences, operation, Unknown, unreadable } from '../operation.ts'
import { join, type Sh, sh } from '../sh.ts'
import { checked, type Path } from './file/entry.ts'
import { type Fstab, fstabDiff, fstabLine, printFstab, putFstab, readFstab } from './mount/fstab.ts'
import { liveOptions } from './mount/options.ts'
import { isBind, type Mounted, printMounted, readMounted } from './mount/state.ts'

export type Mount = {
  /** Where it is mounted. The folder is made where it is missing. */
  readonly path: Path
  /** The table. Default /etc/fstab. */
  readonly fstab?: Path
} & (
  | {
      /** What is mounted: a device, `UUID=…`, `host:/share`, a folder with `bind`, `tmpfs`. */
      readonly src: string
      /** Its type, `none` of a bind mount. */
      readonly fstype: string
      /**
       * As mount takes them: `noatime,size=64m`. Default `defaults`. Of what is mounted, the flags
       * and the size, mode, uid and gid are compared.
       */
      readonly opts?: string
      /** For dump. Default 0. */
      readonly dump?: 0 | 1
      /** When fsck looks at it at boot: 1 the root, 2 later, 0 never. Default 0. */
      readonly passno?: 0 | 1 | 2
      /**
       * `mounted`: in the table, and now. `present`: in the table alone. `unmounted`: not now; the
       * table stays. `absent`: neither; the folder stays. Default mounted.
       */
      readonly state?: 'mounted' | 'present'
    }
  | {
      /** `unmounted`: not now; the table stays. `absent`: neither. The folder stays. */
      readonly state: 'unmounted' | 'absent'
      readonly src?: never
    }
)

type Now = { readonly lines: readonly string[]; readonly mounted: Mounted | null }

/**
 * This is mounted here, now and after a boot (or is not). What is mounted in its place is unmounted
 * first; what is busy is an error.
 */
export const mount = operation('mount', {
  want: (want: Mount) => {
    checked(want.path)
    if (want.src === undefined) return want
    const { src, fstype, opts = 'defaults' } = want
    if (/[\0\n]/.test(src) || src === '')
      throw new Error(`mount ${want.path}: a source is expected, not ${JSON.stringify(src)}`)
    if (!/^[\w.-]+$/.test(fstype))
      throw new Error(`mount ${want.path}: ${JSON.stringify(fstype)} is not a type`)
    if (!/^[^\s,]+(,[^\s,]+)*$/.test(opts))
      throw new Error(
        `mount ${want.path}: ${JSON.stringify(opts)}: options with commas between them are expected`,
      )
    return want
  },
  name: ({ path }: Mount) => path,
  probe: want => sh`${printFstab(fstabOf(want))}
${printMounted(want.path, want.src, want.src === undefined ? '' : want.opts)}`,
  read: (out): Now | Unknown => {
    const table = readFstab(out)
    if (table instanceof Unknown) return table
    const mounted = readMounted(table.rest)
    return mounted === undefined ? unreadable(out) : { lines: table.lines, mounted }
  },
  plan: (now, want) => {
    const table = want.state === 'unmounted' ? [] : fstabDiff(now.lines, fstabOf(want))
    const live = liveDiff(now.mounted, want)
    const steps = [
      ...(live.length > 0 ? [bring(now.mounted, live, want)] : []),
      ...(table.length > 0 ? [putFstab(fstabOf(want))] : []),
    ]
    return change([...live, ...table], join(steps), { seconds: 120 })
  },
})

const fstabOf = (want: Mount): Fstab => ({
  path: want.fstab ?? '/etc/fstab',
  key: want.path,
  line:
    want.src === undefined
      ? null
      : fstabLine(
          want.src,
          want.path,
          want.fstype,
          want.opts ?? 'defaults',
          want.dump,
          want.passno,
        ),
})

/** What differs between what is mounted and what is wanted there now. */
const liveDiff = (now: Mounted | null, want: Mount): Diff => {
  if (want.src === undefined)
    return now ? [{ key: 'mounted', before: now.source, after: null }] : []
  if (want.state === 'present') return []
  if (!now) return [{ key: 'mounted', before: null, after: want.src }]
  if (!now.same) return [{ key: 'mounted', before: now.source, after: want.src }]
  const type = isBind(want.opts) || want.fstype === 'auto' ? undefined : want.fstype
  const { before, after } = liveOptions(now.options, want.opts)
  return differences({ fstype: now.type, opts: before }, { fstype: type, opts: after })
}

const bring = (now: Mounted | null, live: Diff, want: Mount): Sh => {
  const { path } = want
  if (want.src === undefined) return sh`umount ${path} || exit 1`
  const { fstype, opts = 'defaults' } = want
  if (live.every(({ key }) => key === 'opts'))
    return sh`mount -o ${`remount,${opts}`} ${path} || exit 1`
  const away = now
    ? sh`umount ${path} || exit 1`
    : sh`[ -e ${path} ] || ( umask 022; mkdir -p ${path} ) || exit 1`
  return sh`${away}
mount -t ${fstype} -o ${opts} ${want.src} ${path} || exit 1`
}
