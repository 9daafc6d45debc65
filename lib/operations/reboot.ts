import { OptionError } from '../errors/option-error.ts'
import {
  type Change,
  type Operation,
  type OperationWithPaths,
  operation,
  Unknown,
  unreadable,
} from '../operation.ts'
import { type Sh, sh } from '../sh.ts'
import { sha256 } from './file/content.ts'
import { printMark, writeMark } from './file/mark.ts'
import { printDue, printWay, type RebootReason } from './reboot/due.ts'

export type Reboot = {
  /**
   * An operation listed earlier, such as `apt.upgrade`. While it has a change pending, whether a
   * reboot is due is unknown. Default: none.
   */
  readonly waitFor?: Operation
  /** How long the host may take to boot, in seconds. Default 600. */
  readonly timeoutSeconds?: number
} & (
  | {
      /**
       * Reboot if the system requires it: /run/reboot-required exists, or the running kernel is not
       * the default one.
       */
      readonly required: true
      readonly request?: never
      readonly on?: never
    }
  | {
      /** Reboot once for this text: `2026-11-26 new memory`. A new text is a new request. */
      readonly request: string
      readonly required?: never
      readonly on?: never
    }
  | {
      /**
       * Reboot if these have changed since the host booted, such as the settings of its boot
       * loader.
       */
      readonly on: readonly OperationWithPaths[]
      readonly required?: never
      readonly request?: never
    }
)

type Now = {
  readonly boot: string
  /** The reason of this operation's last reboot, and the boot in which it was requested. */
  readonly asked: string
  readonly askedIn: string
  readonly up: string
  readonly asks: string
  readonly due: boolean
  /** `ssh`, or the program by which the run reaches the host. */
  readonly way: string
}

const STAMPS = '/var/lib/brd/stamps'
const BOOT = '/proc/sys/kernel/random/boot_id'

/** The host was rebooted since this was requested, and has started. The run waits and goes on. */
export const reboot = operation('reboot', {
  check: (want: Reboot) => {
    if (want.request !== undefined && !/^[^\0\n]+$/.test(want.request))
      throw new OptionError({
        message: 'request must be one line of text',
        next: 'such as 2026-11-26 new memory',
      })
    if (want.on?.length === 0)
      throw new OptionError({
        message: 'on is empty',
        next: 'list at least one operation whose files it depends on',
      })
  },
  name: (want: Reboot) => formatName(want),
  probe: want => sh`cat ${BOOT} || exit 74
${printMark(locateStamp(want), 'never\nnever')}
if [ -d /run/systemd/system ]; then
  up=$(systemctl is-system-running 2>/dev/null); echo "\${up:-starting}"
else echo running; fi
${printDue(describeReason(want))}
${printWay}`,
  read: (out): Now | Unknown => {
    const [boot = '', asked = '', askedIn = '', up = '', asks = '', due = '', way = ''] = out.stdout
      .toString()
      .split('\n')
    if (out.exitCode !== 0 || way === '' || !['due', 'done'].includes(due)) return unreadable(out)
    return { boot, asked, askedIn, up, asks, due: due === 'due', way }
  },
  plan: (now, want, { pending }): Change | Unknown | null => {
    if (want.waitFor && pending(want.waitFor)) return new Unknown(`until ${want.waitFor.id}`)
    const why =
      (want.on ?? []).filter(pending).length > 0 ? formatInputs(want) : findReason(now, want)
    if (why === null || why instanceof Unknown) return why
    if (now.way !== 'ssh')
      return new Unknown(
        `refused: this run is on the machine itself (below ${now.way}): a reboot would end it`,
      )
    const seconds = want.timeoutSeconds ?? 600
    const diff = [{ key: 'reboot', before: null, after: why }]
    return {
      diff,
      apply: applyReboot(want),
      seconds: seconds + 30,
      rebootSeconds: seconds,
      disruptive: 'a reboot ends everything that runs on the host',
    }
  },
})

const listPaths = (on: readonly OperationWithPaths[]): readonly string[] => [
  ...new Set(on.flatMap(({ paths }) => paths)),
]
const describeReason = ({ required, request, on }: Reboot): RebootReason =>
  on ? { paths: listPaths(on) } : required ? { required } : { request }
const formatName = ({ request, on }: Reboot): string =>
  on ? listPaths(on).join(' ') : (request ?? 'required')
const formatInputs = ({ on = [] }: Reboot): string => `with ${listPaths(on).join(', ')}`
const locateStamp = (want: Reboot): string =>
  `${STAMPS}/reboot.${sha256(formatName(want)).slice(0, 12)}`

/** Returns why to reboot, or to wait for the boot; null if there is nothing to do. */
const findReason = (
  { boot, asked, askedIn, up, asks, due }: Now,
  want: Reboot,
): string | Unknown | null => {
  if (askedIn !== 'never' && askedIn !== boot && /^(starting|initializing)$/.test(up))
    return 'the host is still starting'
  if (!due) return null
  if (asked !== asks || askedIn === boot) return want.on ? formatInputs(want) : `for ${asks}`
  return want.required
    ? new Unknown(
        `the host was rebooted for ${asks} and still requires it: ` +
          'check which kernel the boot loader starts',
      )
    : null
}

/**
 * Writes the reason to the disk, then reboots. If it was written in an earlier boot, only waits
 * until the host has started.
 */
const applyReboot = (want: Reboot): Sh => sh`boot=$(cat ${BOOT}) || exit 1
asks=$( ${printDue(describeReason(want))} ) || exit 1
asks=\${asks%%
*}
asked=never in=never
[ ! -e ${locateStamp(want)} ] || { read -r asked && read -r in; } <${locateStamp(want)} || exit 1
starting() {
  case $(systemctl is-system-running 2>/dev/null) in
    starting | initializing | '') ;;
    *) return 1 ;;
  esac
}
if [ "$in" != never ] && [ "$in" != "$boot" ]; then
  if starting; then
    while sleep 1; do starting || exit 0; done
  fi
fi
${writeMark(locateStamp(want), sh`"$asks" "$boot"`)} || exit 1
if [ -d /run/systemd/system ]; then systemctl --no-wall reboot; else reboot; fi || exit 1
while sleep 1; do :; done`
