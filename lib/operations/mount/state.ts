import { type Sh, sh } from '../../sh.ts'
import { escapePath, unescapePath } from './escape.ts'

/** The topmost mount at a path. */
export type MountState = {
  readonly source: string
  readonly type: string
  /** Options of the mount, then of the file system. */
  readonly options: string
  /** True: the wanted device is mounted. */
  readonly same: boolean
}

export const isBind = (opts = ''): boolean =>
  opts.split(',').some(opt => opt === 'bind' || opt === 'rbind')

/**
 * Prints `not mounted`, or what is mounted there in four lines, and whether it is what `src` names.
 * Only reads.
 */
export const printMounted = (
  path: string,
  src = '',
  opts = '',
): Sh => sh`m=$(MOUNT=${escapePath(path)} awk '
$5 "" == ENVIRON["MOUNT"] {
  for (i = 7; $i != "-"; i++);
  found = $(i + 2) "\n" $(i + 1) "\n" $6 "," $(i + 3)
}
END {print found == "" ? "not mounted" : found}' /proc/self/mountinfo) || exit 74
printf '%s\n' "$m"; [ "$m" != 'not mounted' ] || exit 0
same=other; source=\${m%%
*}
${testSame(path, src, opts)} && same=same
echo $same`

const testSame = (path: string, src: string, opts: string): Sh => {
  if (isBind(opts)) return sh`[ "$(stat -L -c %d:%i ${src})" = "$(stat -L -c %d:%i ${path})" ]`
  const [, by, id] = /^(UUID|LABEL|PARTUUID|PARTLABEL)=(.*)$/.exec(src) ?? []
  const device = by ? `/dev/disk/by-${by.toLowerCase()}/${(id ?? '').replace(/^"|"$/g, '')}` : src
  return device.startsWith('/dev/')
    ? sh`[ "$(readlink -f ${device})" = "$(readlink -f "$source")" ]`
    : sh`[ "$source" = ${src} ]`
}

/** Reads what `printMounted` printed: null if nothing is mounted, undefined if unreadable. */
export const readMounted = ([source, type, options, same]: readonly string[]):
  | MountState
  | null
  | undefined => {
  if (source === 'not mounted') return null
  if (source === undefined || !type || !options || (same !== 'same' && same !== 'other'))
    return undefined
  return { source: unescapePath(source), type, options, same: same === 'same' }
}
