import { type Sh, sh } from '../../sh.ts'

/**
 * Prints `NeedDaemonReload=yes` if systemd has not read a drop-in of the administrator. systemd
 * does
 * not see a new folder itself. An empty file does not count: it may be a link to /dev/null.
 */
export const printUnread = (
  name: string,
): Sh => sh`for f in /etc/systemd/system/${name}.d/*.conf; do
  [ -s "$f" ] || continue
  read=$(systemctl show --property=DropInPaths --value -- ${name}) || exit 1
  case " $read " in *" $f "*) ;; *) echo NeedDaemonReload=yes ;; esac
done`
