import { OptionError } from '../errors/option-error.ts'
import { change, type Diff, differences, operation, Unknown, unreadable } from '../operation.ts'
import { join, type Sh, sh } from '../sh.ts'
import { checkPath, type Path } from './file/entry.ts'
import { enterFolderOf, refuseSharedWay } from './file/folder.ts'
import { promiseFolders } from './file/lacks.ts'
import { escapePath } from './mount/escape.ts'
import { type Fstab, fstabDiff, fstabLine, printFstab, putFstab, readFstab } from './mount/fstab.ts'
import { compareOptions } from './mount/options.ts'
import { isBind, type MountState, printMounted, readMounted } from './mount/state.ts'
import { findUnit, nameUnit, printUnits } from './mount/unit.ts'

export type Mount = {
  /** The mount point. A missing folder is created. */
  readonly path: Path
  /** The table. Default /etc/fstab. */
  readonly fstab?: Path
} & (
  | {
      /** What is mounted: a device, `UUID=…`, `host:/share`, a folder with `bind`, `tmpfs`. */
      readonly device: string
      /** Its type, `none` of a bind mount. */
      readonly type: string
      /**
       * As mount takes them: `noatime,size=64m`. Default `defaults`. Of what is mounted, the flags
       * and the size, mode, uid and gid are compared.
       */
      readonly options?: string
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
      readonly device?: never
    }
)

type Now = { readonly lines: readonly string[]; readonly mounted: MountState | null }

/**
 * This device is mounted here, now and after a boot. Another mount at this path is unmounted first;
 * one that is in use is an error. So is a unit of systemd for this path, which comes before the
 * table. With `x-systemd.automount` it may be mounted on demand.
 */
export const mount = operation('mount', {
  want: (want: Mount) => {
    checkPath(want.path)
    if (want.device === undefined) return want
    const { device, type, options = 'defaults' } = want
    if (/[\0\n]/.test(device) || device === '')
      throw new OptionError({
        message: `${JSON.stringify(device)} is not a device`,
        next: 'use a device, UUID=…, host:/share, a folder, or tmpfs',
      })
    if (!/^[\w.-]+$/.test(type))
      throw new OptionError({
        message: `${JSON.stringify(type)} is not a file system type`,
        next: 'use a type such as ext4; none for a bind mount',
      })
    if (!/^[^\s,]+(,[^\s,]+)*$/.test(options))
      throw new OptionError({
        message: `${JSON.stringify(options)} is not a list of options`,
        next: 'separate them with commas, such as noatime,size=64m',
      })
    if (/(?:^|,)pass(?:word)?=/.test(options))
      throw new OptionError({
        message: 'options: every user of the host could read the password in them',
        next: 'put it into a file of mode 600, and give credentials=FILE',
      })
    return want
  },
  name: ({ path }: Mount) => path,
  makes: ({ path, device }) =>
    device === undefined ? [] : [...promiseFolders(path), `below ${path}`],
  probe: want => sh`${printFstab(describeFstab(want))}
${describeFstab(want).path === '/etc/fstab' ? printUnits(want.path, ['mount', 'automount']) : sh`:`}
${lackSource(want)}
${printMounted(want.path, want.device, want.device === undefined ? '' : want.options)}`,
  read: (out): Now | Unknown => {
    const table = readFstab(out)
    if (table instanceof Unknown) return table
    const mounted = readMounted(table.rest.filter(line => !line.startsWith('unit ')))
    const unit = findUnit(table.rest)
    if (unit) return unit
    return mounted === undefined ? unreadable(out) : { lines: table.lines, mounted }
  },
  plan: (now, want) => {
    if (now.mounted?.type === 'autofs' && want.device !== undefined && !isAutomount(want.options))
      return new Unknown(
        `${want.path} is mounted on demand (autofs): add the option x-systemd.automount, or stop ` +
          nameUnit(want.path, 'automount'),
      )
    const table = want.state === 'unmounted' ? [] : fstabDiff(now.lines, describeFstab(want))
    const live = diffMount(now.mounted, want)
    const steps = [
      ...(live.length > 0 ? [applyMount(now.mounted, live, want)] : []),
      ...(table.length > 0 ? [putFstab(describeFstab(want))] : []),
    ]
    return change([...live, ...table], join(steps), { seconds: 120 })
  },
})

/** Says so if what is mounted is not there, and is not mounted either. */
const lackSource = (want: Mount): Sh => {
  if (want.device === undefined || want.state === 'present') return sh`:`
  const { path, device, options } = want
  if (!(isBind(options) ? /^\// : /^\/dev\//).test(device)) return sh`:`
  const thing = isBind(options) ? `folder ${device}` : `device ${device}`
  const mounted = ` ${escapePath(path)} `
  return sh`[ -e ${device} ] || grep -qF ${mounted} /proc/self/mountinfo ||
  echo ${`lacks ${thing}`} >&2`
}

const isAutomount = (options = ''): boolean => options.split(',').includes('x-systemd.automount')

const describeFstab = (want: Mount): Fstab => ({
  path: want.fstab ?? '/etc/fstab',
  key: want.path,
  line:
    want.device === undefined
      ? null
      : fstabLine(
          want.device,
          want.path,
          want.type,
          want.options ?? 'defaults',
          want.dump,
          want.passno,
        ),
})

/** What differs between what is mounted and what is wanted there now. */
const diffMount = (now: MountState | null, want: Mount): Diff => {
  if (want.device === undefined)
    return now ? [{ key: 'mounted', before: now.source, after: null }] : []
  if (want.state === 'present') return []
  if (!now) return [{ key: 'mounted', before: null, after: want.device }]
  // It is mounted by the first who goes there.
  if (now.type === 'autofs' && isAutomount(want.options)) return []
  if (!now.same) return [{ key: 'mounted', before: now.source, after: want.device }]
  const type = isBind(want.options) || want.type === 'auto' ? undefined : want.type
  const { before, after } = compareOptions(now.options, want.options)
  return differences({ type: now.type, options: before }, { type, options: after })
}

const applyMount = (now: MountState | null, live: Diff, want: Mount): Sh => {
  const { path } = want
  const enter = sh`( ${enterFolderOf(path, '755')}
${refuseSharedWay(path)}
[ -e "./$name" ] || mkdir -m 755 "./$name" ) || exit 1`
  if (want.device === undefined)
    return sh`${enter}
umount ${path} || exit 1`
  const { type, options = 'defaults' } = want
  if (live.every(({ key }) => key === 'options'))
    return sh`${enter}
mount -o ${`remount,${options}`} ${path} || exit 1`
  const away = now ? sh`umount ${path} || exit 1` : sh`:`
  return sh`${enter}
${away}
mount -t ${type} -o ${options} ${want.device} ${path} || exit 1`
}
