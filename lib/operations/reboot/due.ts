import { type Sh, sh } from '../../sh.ts'
import { digest } from '../service/stamp.ts'

/** The reason of a reboot. */
export type RebootReason = {
  readonly required?: true
  readonly request?: string
  readonly paths?: readonly string[]
}

/**
 * Prints two lines: the reason of a reboot, in a text that identifies the request, and `due` or
 * `done`. Only reads.
 */
export const printDue = ({ request, paths }: RebootReason): Sh =>
  request !== undefined
    ? sh`printf '%s\n' ${request}; echo due`
    : paths
      ? printChanged(paths)
      : required

/**
 * The marker is in memory, so its time identifies the request. Debian links its default kernel at
 * /vmlinuz, Ubuntu in /boot.
 */
const required: Sh = sh`if [ -e /run/reboot-required ]; then
  echo "/run/reboot-required of $(stat -c %Y /run/reboot-required)" \
    $(sort -u /run/reboot-required.pkgs 2>/dev/null | head -n 5)
  echo due
else
  k=
  for l in /boot/vmlinuz /vmlinuz; do
    [ ! -e "$l" ] || { k=$(readlink -f "$l") && k=\${k##*/vmlinuz-}; break; }
  done
  if [ -n "$k" ] && [ "$k" != "$(uname -r)" ] && [ -d "/lib/modules/$k" ]
  then echo "kernel $k"; echo due; else echo nothing; echo done; fi
fi`

/** Prints done if the host was booted after the paths last changed. */
const printChanged = (paths: readonly string[]): Sh => sh`${digest}
digest ${paths} || exit 74
if [ -d /run/systemd/system ]; then
  b=$(TZ=UTC systemctl show --property=UserspaceTimestamp --value) && b=$(date -d "$b" +%s)
else b=$(awk '$1 == "btime" {print $2}' /proc/stat); fi || exit 74
touched=$({ stat -c %Z ${paths}; stat -L -c %Z ${paths}; } 2>/dev/null | sort -n | tail -n 1)
[ "$b" -gt "\${touched:-0}" ] && echo done || echo due`

/**
 * Prints `ssh` if this shell was started through ssh, otherwise the program that started it: a
 * reboot would end a run on the machine itself.
 */
export const printWay: Sh = sh`p=$$ c=
while [ "$p" -gt 1 ]; do
  read -r c <"/proc/$p/comm" || exit 74
  case $c in sh|dash|bash|ash|busybox|zsh|fish|ksh*|csh|tcsh|sudo|su|env) ;; *) break;; esac
  p=$(awk '/^PPid:/ {print $2}' "/proc/$p/status") || exit 74
done
case $c in sshd*|dropbear*) echo ssh;; *) echo "$c";; esac`
