import { type Sh, sh } from '../../sh.ts'

/** Where a host keeps the lease by default: gone after a reboot, as its holder is. */
export const LEASE = '/run/brd/lease'

/**
 * How long a run waits for an earlier shell to end what it was doing: its own, whose link was lost,
 * or one whose controller is gone. Seconds.
 */
export const OWN_SECONDS = 900

/**
 * Takes the host's lease, or proves that this shell still holds it; otherwise sets `go=held` and
 * says who holds it.
 * The lease is a symbolic link (made in one atomic step, in any POSIX system) whose text names the
 * shell's process, its start time, its session, the boot and the run. It lives while that shell or
 * a process of its session lives, judged on the host, without a clock.
 * A dead one is moved away; because two runs may do so at the same time, the taker looks again
 * after a second.
 * The shell gives it back when it ends.
 * A live run is not waited for. A shell whose controller is gone still ends its running change, and
 * so does what a killed shell began: the taker waits for these.
 */
export const takeLease = (path: string, who: string): Sh => sh`
_field() { read -r s <"/proc/$1/stat" 2>/dev/null || return 1; s=\${s##*) }
  [ "$2" = session ] && set -- $s || { set -- $s; shift 16; }; echo $4; }
_lives() { # pid start session sessionstart boot who
  [ "$5" = "$boot" ] || return 1; [ "$(_field $1 start)" = "$2" ] && return 0
  x=$(_field $3 start) && [ "$x" != "$4" ] && return 1
  for f in /proc/[0-9]*; do [ "$(_field \${f#/proc/} session)" = "$3" ] && return 0; done
  return 1; }
_orphan() ( q=$1 # its controller is gone: above it there are only shells and sudo, up to init
  exec 2>/dev/null # one that ends meanwhile, before what it began, has no controller either
  while [ "$q" -gt 1 ]; do read -r c <"/proc/$q/comm" && read -r s <"/proc/$q/stat" || exit 0
    case $c in sh|dash|bash|ash|busybox|zsh|fish|ksh*|csh|tcsh|sudo|env) ;; *) exit 1;; esac
    set -- \${s##*) }; q=$2; done )
boot=$(cat /proc/sys/kernel/random/boot_id)
lf=${path}; [ "$(id -u)" = 0 ] || lf=$HOME/.brd/lease; mkdir -p "\${lf%/*}"
x=$(_field $$ session); k=0 dead=
_held() { go=held; echo "held $*"; }
mine="$$ $(_field $$ start) $x $(_field $x start || echo 0) $boot "${who}
if [ -n "$lease" ]; then
  [ "$(readlink "$lf")" = "$mine" ] || { _held "lost $(readlink "$lf")"; lease=; }
else
  while { [ -d "$lf" ] && [ ! -L "$lf" ]; } || ! ln -sn "$mine" "$lf" 2>/dev/null; do k=$((k+1))
    is=$(readlink "$lf") || { [ $k -lt 5 ] && [ ! -e "$lf" ] && continue
      [ -e "$lf" ] && _held "foreign $lf" || _held "cannot write $lf"; break; }
    set -f; set -- $is; set +f # a foreign lease is not a pattern
    case $# in 0|1|2|3|4|5) _held "foreign $lf: $is"; break;; esac
    case $1$2$3$4 in *[!0-9]*) _held "foreign $lf: $is"; break;; esac
    if _lives "$@"; then p=$1; shift 5
      if { [ "$*" = ${who} ] || _orphan $p; } && [ $k -lt ${OWN_SECONDS} ]; then
        [ -e $d/stop ] && { echo stopped 0; go=stopped; break; }
        [ $k -gt 1 ] || echo "waiting $p $*"; sleep 1; continue; fi
      _held "$p $*"; break; fi
    dead=$lf.$$; mv -f "$lf" "$dead" 2>/dev/null
    [ "$(readlink "$dead")" = "$is" ] || ln -s "$(readlink "$dead")" "$lf" 2>/dev/null
    rm -f "$dead"; done
  [ -z "$dead" ] || [ $go != yes ] || { sleep 1
    [ "$(readlink "$lf")" = "$mine" ] || _held "$(readlink "$lf")"; }
  [ $go != yes ] || lease=$lf
fi`
