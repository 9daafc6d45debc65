import { type Sh, sh } from '../../sh.ts'
import { findConnection } from '../access/login.ts'
import { takeBackUnlessProven } from '../access/take-back.ts'
import { tryFiles } from '../sshd/proof.ts'

/** Units without which the link of a run may be gone. */
const NETWORK =
  /^(networking|NetworkManager|systemd-networkd|dhcpcd|wpa_supplicant|tailscaled)\.service$/

const NAMES = /^(ssh|sshd|dropbear)(@.*)?\.(service|socket)$/

/**
 * Prints `Carries=yes` if this run logs in through the unit, and nothing else that listens starts
 * it again; `Brings=yes` if that is so after a boot. It is a server of ssh by its name, or the
 * process that accepted this run's connection.
 */
export const printCarrier = (unit: string): Sh => sh`${findConnection}
[ -z "$c" ] || {
  all=$(systemctl show --property=MainPID,TriggeredBy -- ${unit}) || exit 1
  main=$(printf '%s\n' "$all" | sed -n 's/^MainPID=//p')
  p=$$ carries=${NAMES.test(unit) ? 'yes' : ''} now=yes boot=yes
  while [ -z "$carries" ] && [ "$p" -gt 1 ]; do
    [ "$p" != "$main" ] || carries=yes
    p=$(awk '/^PPid:/ {print $2}' "/proc/$p/status") || exit 74
  done
  [ -z "$carries" ] || {
    for s in $(printf '%s\n' "$all" | sed -n 's/^TriggeredBy=//p'); do
      ! systemctl is-active --quiet -- "$s" || now=
      ! systemctl is-enabled --quiet -- "$s" 2>/dev/null || boot=
    done
    [ -z "$now" ] || echo Carries=yes
    [ -z "$boot" ] || echo Brings=yes
  }
}`

type Ends = { readonly stopped: boolean; readonly disabled: boolean }

/** Why the unit must go on, and what to do; null if nothing is against it. */
export const findCarrierRefusal = (
  unit: string,
  now: Readonly<Record<string, string>>,
  { stopped, disabled }: Ends,
): string | null =>
  (stopped && now['Carries']) || (disabled && now['Brings'])
    ? `refused: this run logs in through ${unit}, and without it nobody could log in again: ` +
      'start another way to log in first, or run on the machine itself (address: local)'
    : null

/** Whether a stop of it is kept only if this run can log in anew. */
export const isLink = (unit: string): boolean => NETWORK.test(unit)

/** Stops the unit; one that may carry the link runs again if this run cannot log in anew. */
export const stopUnit = (unit: string): Sh =>
  isLink(unit)
    ? takeBackUnlessProven({
        name: 'service',
        save: sh`:`,
        change: sh`systemctl stop -- ${unit}`,
        undo: sh`systemctl start -- ${unit}`,
      })
    : sh`systemctl stop -- ${unit}`

/** Before sshd reads its files: it must accept them, and let this run's user in with a key. */
export const tryRestart = (unit: string): Sh => (/^sshd?\.service$/.test(unit) ? tryFiles : sh`:`)
