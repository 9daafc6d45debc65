/**
 * The shell functions that each round begins with (about 1.5 kB). An operation's output goes to a
 * file in memory, never to the channel; the channel carries frames only. `$d` is the scratch
 * folder, `$n` the round, `$nonce` the round's nonce. All names begin with `_`: a function shadows
 * a command of its name (`cut`, `tree`) in every fragment.
 *
 * A tree of processes is stopped before it is ended: a parent whose child ended first would go on
 * as if that were its own end. Its root (`$p`) is ended last: the shell waits for that alone, goes
 * on immediately, and ends the watchdog with the round, perhaps in the middle of its list.
 *
 * Reading exact bytes from a pipe needs dd with iflag=fullblock: head and read take more than
 * requested. If the link is lost in the middle of a payload, its reader is killed before its stdin
 * ends: it would take the part for the whole. The whole tree is stopped first, because the shell of
 * a killed reader would go on to its next command.
 */
export const LIBRARY = `
_blocks() { [ $1 -eq 0 ] || [ $2 -eq 0 ] ||
  case $(dd bs=$1 count=$2 iflag=fullblock 2>&1 >&3) in "$2+0 "*) ;; *) return 1;; esac; }
_feed() { _blocks 65536 $(($1/65536)) && _blocks $(($1%65536)) 1; } 3>&1
_sever() { for g in 1 2 3 4 5; do read -r k s p <$d/now; [ "$k" = $1 ] && break; sleep 1; done
  v=$(_tree $p); kill -STOP $v; _end $v $(_tree $p); } 2>/dev/null
_end() { kill -STOP $*; for q; do [ $q = $p ] || kill -KILL $q; done; kill -KILL $p; } 2>/dev/null
_op() { f=$3; read -r x y </proc/self/stat; echo "$1 $2 $x" >$d/now; set --; eval "$f"; }
_run() { # file seconds script bytes
  if [ "$4" -gt 0 ]; then { _feed "$4" || _sever $1; } |
    { ( _op "$@" ) >$d/$1.o 2>$d/$1.e; r=$?; cat >/dev/null; exit $r; }
  else ( _op "$@" ) >$d/$1.o 2>$d/$1.e </dev/null; fi
  r=$?; echo idle >$d/now; [ -e $d/$1.late ] && { r=124; hung=yes; }; rcs="$rcs $r"; }
_probe() { s=$2; [ -n "$hung" ] && [ "$s" -gt 5 ] && s=5; _run "$n.$1" "$s" "$3" 0; }
_turn() { # id seconds rc probe: unless it is what the plan was made from, the batch ends here
  [ "$go" = yes ] || return; _probe g$1 "$2" "$4"
  [ $r = $3 ] && cmp -s $d/$n.g$1.o $d/$((n-1)).p$1.o || { go=stale; echo stale $1; }; }
_change() { # id seconds script bytes
  [ "$go" = yes ] && [ -e $d/stop ] && { go=stopped; echo stopped $1; }
  if [ "$go" != yes ]; then _feed "$4" >/dev/null; return; fi
  echo start $1; rcs=; _run $n.c$1 "$2" "$3" "$4"; [ $r = 0 ] || go=failed; _emit c$1; }
_emit() { # a snapshot first: a child that still writes must not change what was counted
  w=; for f; do w="$w $n.$f.o $n.$f.e"; done; echo data $*; echo $rcs
  ( cd $d && cp $w s/ && cd s && wc -c $w /dev/null && cat $w ); echo; echo whole $nonce; }
_kin() { ps -A -o pid= -o ppid= 2>/dev/null || ps -o pid,ppid; }
_tree() { _kin | awk -v r=$1 '{p[$1]=$2}
  END {for (i in p) {for (j=i; j>1 && j!=r; j=p[j]); if (j==r) print i}}'; }
_packaging() { for q; do read -r c </proc/$q/comm &&
  case $c in dpkg*|apt-get|aptitude) return 0;; esac; done 2>/dev/null; return 1; }
_dog() { exec >/dev/null 2>&1 </dev/null; l= t=0
  while sleep 1 && kill -0 $$; do read -r k s p <$d/now
  case $k in idle) t=0; l=; continue;; "$l") t=$((t+1));; *) l=$k t=0;; esac
  [ $t -ge $s ] && { : >$d/$k.late; v=$(_tree $p); g=2; _packaging $v && g=60
    kill -STOP $v; kill -TERM $v; kill -CONT $v
    while [ $g -gt 0 ] && kill -0 $p; do sleep 1; g=$((g-1)); done; _end $v $(_tree $p); }; done; }
`.trim()

/** What a host must have. Looked for in the first round of each shell; what is missing is named. */
export const REQUIRED_TOOLS = [
  'dd',
  'cat',
  'cp',
  'cmp',
  'wc',
  'rm',
  'mv',
  'mkdir',
  'mktemp',
  'ps',
  'awk',
  'sed',
  'grep',
  'stat',
  'sha256sum',
  'readlink',
  'ln',
  'sleep',
  'id',
] as const
