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
 * a process of its session lives, judged on the host, without a clock. One that has ended and that
 * its parent has not asked for (a zombie) holds nothing, unless a thread of it goes on.
 * One that is not of these words is never free. A dead one has a place for its next holder, a link
 * beside it that is named by its process, start and boot: only one shell can make that, which then
 * moves it over the dead one, in one step. The maker looks from the start first, because the dead
 * lease may have been replaced since it was read. If that shell is dead too, its next holder is
 * looked for likewise. No dead lease comes back, so such a link, once passed, counts no more: its
 * maker removes it, or the next holder.
 * The shell gives it back when it ends.
 * A live run is not waited for. A shell whose controller is gone still ends its running change, and
 * so does what a killed shell began: the taker waits for these.
 * The words are read without other processes, each of which may be ended by somebody, and nothing
 * is taken unless they are whole: with one of them missing, it would be free to any other run.
 */
export const takeLease = (path: string, who: string): Sh => sh`
_alone() { [ $# -lt 2 ]; }
_field() { f=; read -r s 2>/dev/null <"/proc/$1/stat" || return 1; s=\${s##*) }
  case $s in [ZX]*) _alone /proc/$1/task/* && return 1;; esac
  [ "$2" = session ] && set -- $s || { set -- $s; shift 16; }; f=$4; }
_whole() { # pid start session sessionstart boot who
  [ $# -gt 5 ] || return 1; case $1$2$3$4 in *[!0-9]*) return 1;; esac
  case $5 in *[!0-9a-f-]*) return 1;; ????????-????-????-????-????????????) ;; *) return 1;; esac; }
_lives() { # the same words
  [ "$5" = "$boot" ] || return 1; _field $1 start && [ "$f" = "$2" ] && return 0
  _field $3 start && [ "$f" != "$4" ] && return 1
  for q in /proc/[0-9]*; do _field \${q#/proc/} session && [ "$f" = "$3" ] && return 0; done
  return 1; }
_orphan() ( q=$1 # its controller is gone: above it there are only shells and sudo, up to init
  exec 2>/dev/null # one that ends meanwhile, before what it began, has no controller either
  while [ "$q" -gt 1 ]; do read -r c <"/proc/$q/comm" && read -r s <"/proc/$q/stat" || exit 0
    case $c in sh|dash|bash|ash|busybox|zsh|fish|ksh*|csh|tcsh|sudo|env) ;; *) exit 1;; esac
    set -- \${s##*) }; q=$2; done )
_held() { go=held; echo "held $*"; }
_is() { readlink "$1" || readlink "$1"; } # again: the first may have been ended
boot= k=0 m=0 next=; read -r boot </proc/sys/kernel/random/boot_id
_field $$ session; mine=$f; _field $$ start; x=$f; _field "$mine" start || f=0
mine="$$ $x $mine $f $boot "${who}
u=$(id -u); lf=${path}; [ "$u" = 0 ] || lf=$HOME/.brd/lease; mkdir -p "\${lf%/*}"
set -f; set -- $mine; set +f
if [ -z "$u" ] || ! _whole "$@"; then _held "unknown user $u, shell $mine"
elif [ -n "$lease" ]; then
  is=$(_is "$lf"); [ "$is" = "$mine" ] || { _held "lost $is"; lease=; }
else
  at= # the lease itself; .pid.start.boot: the next holder's, after that one
  while [ $go = yes ]; do m=$((m+1)) i=$lf$at
    [ $m -lt 30 ] || { _held "cannot write $lf"; break; }
    if { [ ! -d "$i" ] || [ -L "$i" ]; } && ln -sn "$mine" "$i" 2>/dev/null; then is=$mine
    else is=$(readlink "$i") || { [ ! -e "$i" ] && continue; _held "foreign $i"; break; }; fi
    if [ "$is" = "$mine" ]; then [ -n "$at" ] || break # perhaps made, and then ln was ended
      case "$next " in *" $at "*) mv -f "$i" "$lf" 2>/dev/null;; *) next="$next $at";; esac
      at=; continue; fi
    set -f; set -- $is; set +f # a foreign lease is not a pattern
    _whole "$@" || { _held "foreign $i: $is"; break; }
    _lives "$@" || { at=.$1.$2.$5; continue; }
    p=$1 k=$((k+1)) m=0 at=; shift 5
    { [ "$*" = ${who} ] || _orphan $p; } && [ $k -lt ${OWN_SECONDS} ] || { _held "$p $*"; break; }
    [ ! -e $d/stop ] || { echo stopped 0; go=stopped; break; }
    [ $k -gt 1 ] || echo "waiting $p $*"; sleep 1; done
  if [ $go = yes ]; then lease=$lf; [ -z "$next" ] || rm -f "$lf".[0-9]*
  else for q in $next; do rm -f "$lf$q"; done; fi
fi`
