/**
 * Bytes that a probe may print. A probe only reads, so that its files may be limited: it is ended
 * by SIGXFSZ at twice as much at most (bash counts blocks of 1024 bytes).
 */
export const PROBE_BYTES = 32 * 1024 * 1024

/** Bytes of a change's output, and of a command's, that are kept whole; of more, the end is. */
export const CHANGE_BYTES = 1024 * 1024
export const COMMAND_BYTES = 32 * 1024 * 1024

/**
 * The shell functions that each round begins with (about 3 kB). An operation's output goes to a
 * file, never to the channel; the channel carries frames only. `$d` is the scratch folder, `$o` the
 * one for output (another, once the first is full), `$n` the round, `$nonce` the round's nonce. All
 * names begin with `_`: a function shadows a command of its name (`cut`, `tree`) in every fragment.
 *
 * A tree of processes is stopped before it is ended: a parent whose child ended first would go on
 * as if that were its own end. Its root (`$p`) is ended last: the shell waits for that alone, goes
 * on immediately. It ends the watchdog with the round, but lets it end a tree first: what ignores
 * SIGTERM, whose root did not, would be left, and stopped.
 * A process that has ended and that its parent has not asked for (a zombie) does not live, unless a
 * thread of it goes on.
 * A process that has `BRD_OP=$brd_op` in its environment ends with its fragment, wherever it is:
 * the
 * end of docker exec alone leaves what it began in a container.
 *
 * Reading exact bytes from a pipe needs dd with iflag=fullblock: head and read take more than
 * requested. If the link is lost in the middle of a payload, its reader is killed before its stdin
 * ends: it would take the part for the whole. The whole tree is stopped first, because the shell of
 * a killed reader would go on to its next command.
 *
 * The watchdog outlives a shell that is killed while a fragment runs: the fragment holds the
 * lease, and one that hangs would do so for ever. It then reads `now` through its own descriptor,
 * because the next shell removes the folder, and ends with the fragment. No fragment begins without
 * a shell: its watchdog may be gone already.
 *
 * `now` is written over in place, never emptied first: where memory is full, there would be no room
 * for the new text, and no deadline for what runs. Its first line counts. Without a note nothing
 * runs.
 *
 * What a change prints goes through a pipe, and `_keep` writes its end to files: a full folder does
 * not break the change. What goes on in the background and holds the pipe is not waited for. The
 * shell has both ends of the pipe open meanwhile: to open one waits for the other, and a part of a
 * shell that was killed in between waited for ever, and kept the link open.
 */
export const LIBRARY = `
_blocks() { [ $1 -eq 0 ] || [ $2 -eq 0 ] ||
  case $(dd bs=$1 count=$2 iflag=fullblock 2>&1 >&3) in "$2+0 "*) ;; *) return 1;; esac; }
_feed() { _blocks 65536 $(($1/65536)) && _blocks $(($1%65536)) 1; } 3>&1
_sever() { for g in 1 2 3 4 5; do read -r k s p <$d/now; [ "$k" = $1 ] && break; sleep 1; done
  v=$(_tree $p); kill -STOP $v; _end $v $(_tree $p); } 2>/dev/null
_end() { kill -STOP $*; for q; do [ $q = $p ] || kill -KILL $q; done; kill -KILL $p; } 2>/dev/null
_live() { read -r x </proc/$1/stat && case \${x##*) } in [ZX]*) set -- /proc/$1/task/*
  [ $# -gt 1 ];; esac; } 2>/dev/null
_any() { for q; do _live $q && return; done; return 1; }
_note() { echo "$1" 1<>$d/now; }
_op() { f=$3; read -r x y </proc/self/stat; _note "$1 $2 $x" ||
  { echo "cannot write $d/now" >&2; exit 73; }
  _live $$ || exit; brd_op=$d/$1.; set --; eval "$f"; }
_inside() { grep -ls "BRD_OP=$1[.]" /proc/[0-9]*/environ | sed 's/[^0-9]//g'; }
_look() { # file seconds script
  ( ulimit -S -f ${PROBE_BYTES / 512} 2>/dev/null; _op "$@" ) >$o/$1.o 2>$o/$1.e </dev/null; r=$?
  _note idle; [ -e $d/$1.late ] && { r=124; hung=yes; }; }
_room() { { echo 1 >$o/room && true >$o/room; } 2>/dev/null; }
_move() { case $o in $far/*) return 1;; esac; x=$(mktemp -d $far/brd.$$.XXXXXX 2>/dev/null) ||
  return 1; mkdir $x/s; mv -f $o/$n.* $o/$((n-1)).* $x/ 2>/dev/null; o=$x; }
_probe() { s=$2; [ -n "$hung" ] && [ "$s" -gt 5 ] && s=5; _look "$n.$1" "$s" "$3"
  _room || { _move && _look "$n.$1" "$s" "$3"; _room || { r=\${r}f; true >$o/$n.$1.o; }; }
  [ $r = 153 ] && { true >$o/$n.$1.o; r=153l; }; rcs="$rcs $r"; }
_turn() { # id seconds rc probe: unless it is what the plan was made from, the batch ends here
  [ "$go" = yes ] || return; _probe g$1 "$2" "$4"
  [ $r = $3 ] && cmp -s $o/$n.g$1.o $o/$((n-1)).p$1.o || { go=stale; echo stale $1; }; }
_keep() { # file bytes: the end of what comes on stdin
  exec 3<&0 4>&- 5>&- >/dev/null 2>&1; trap 'cat <&3 & exit 0' TERM
  while x=$(dd bs=65536 count=64 2>&1 >>$1 <&3); do
    x=\${x%%" records in"*}; x=\${x##*[!0-9+]}; [ $(($x+0)) -lt 64 ] && {
      [ -e $1.0 ] && { cat $1.0 $1 | tail -c 65536 >$1.t; mv -f $1.t $1; }; return; }
    [ $(wc -c <$1) -le $2 ] || { mv -f $1 $1.0; true >$1.cut; }; done
  true >$1.full; cat <&3; }
_sub() { if [ -n "$6" ]; then ( _op "$@" ) >$d/out 2>$d/err 4>&- 5>&-
  else ( _op "$@" ) >$d/out 2>&1 4>&- 5>&-; fi; }
_drain() { _note "drain$2 1 $1"; wait $1; } 2>/dev/null
_run() { # file seconds script bytes kept both
  [ -p $d/out ] || mkfifo $d/out $d/err; r=73
  { _keep $o/$1.o $5 <$d/out & k=$!
  [ -z "$6" ] || { _keep $o/$1.e $5 <$d/err & e=$!; }
  if [ "$4" -gt 0 ]; then { _feed "$4" || _sever $1; } |
    { _sub "$@"; r=$?; cat >/dev/null; exit $r; }
  else _sub "$@" </dev/null; fi; r=$?; } 4<>$d/out 5<>$d/err
  _drain $k $1; [ -z "$6" ] || _drain $e $1e
  _note idle; [ -e $d/$1.late ] && { r=124; hung=yes; }; }
_change() { # id seconds script bytes kept both
  [ "$go" != yes ] || _note begin # before it looks: who asks it to stop looks afterwards
  [ "$go" = yes ] && [ -e $d/stop ] && { go=stopped; _note idle; echo stopped $1; }
  if [ "$go" != yes ]; then _feed "$4" >/dev/null; return; fi
  echo start $1; _run $n.c$1 "$2" "$3" "$4" "$5" "$6"; [ $r = 0 ] || go=failed
  f=$o/$n.c$1; x=; for w in $f.o $f.e; do [ ! -e $w.cut ] || x=l; [ ! -e $w.full ] || x=f; done
  r=$r$x
  _size $f.o; x=$s; [ -z "$6" ] || _size $f.e; echo said $1 $r $x \${6:+$s}
  [ $x = 0 ] || cat $f.o; [ -z "$6" ] || [ $s = 0 ] || cat $f.e; echo; echo whole $nonce
} 2>/dev/null
_size() { s=0; [ ! -s $1 ] || s=$(wc -c <$1) || s=0; s=$(($s)); }
_emit() { w=; for f; do w="$w $n.$f.o $n.$f.e"; done
  _send "$@" || { _move && _send "$@"; } || { echo full $*; echo $rcs; return; }
  echo; echo whole $nonce; }
_send() ( # a snapshot first: a child that still writes must not change what was counted
  cd $o && cp $w s/ 2>/dev/null && cd s && echo data $* && echo $rcs &&
  wc -c $w /dev/null && cat $w )
_kin() { ps -A -o pid= -o ppid= 2>/dev/null || ps -o pid,ppid; }
_tree() { _kin | awk -v r=$1 '{p[$1]=$2}
  END {for (i in p) {for (j=i; j>1 && j!=r; j=p[j]); if (j==r) print i}}'; }
_packaging() { for q; do read -r c </proc/$q/comm &&
  case $c in dpkg*|apt-get|aptitude) return 0;; esac; done 2>/dev/null; return 1; }
_tell() { x=$(dd bs=16384 count=1 <&6; echo .); [ "$x" = . ] ||
  printf '\\n=out %s %s\\n%s\\n=end %s\\n' $nonce \${k#*c} "\${x%.}" $nonce >&7; }
_dog() { exec 7>&2 8<$d/now >/dev/null 2>&1 </dev/null; l= t=0 z=; trap z=1 TERM
  while [ -z "$z" ] && sleep 1 7>&- 8<&-; do k= p=; read -r x x x q x w x </proc/self/stat
  read -r k s p </proc/self/fd/8 || k= p= # half written, where memory is full
  [ "$q" = $$ ] || { exec 7>&-; read -r x </proc/\${p:-0}/stat && set -- \${x##*) } &&
    [ "$1" != Z ] && [ "$4" = "$w" ] || return; }
  case $k in '') continue;; idle|begin) t=0; l=; continue;; "$l") t=$((t+1));; *) l=$k t=0
    case $k in $n.c*) [ "$q" = $$ ] && [ -r $o/$k.o ] && exec 6<$o/$k.o || exec 6</dev/null;;
    esac;; esac
  [ "$q" != $$ ] || case $k in $n.c*) _tell;; esac
  [ $t -ge $s ] && { true >$d/ending; v="$(_tree $p) $(_inside $d/$k)"
    case $v in *$p*) true >$d/$k.late; g=2; _packaging $v && g=60
    kill -STOP $v; kill -TERM $v; kill -CONT $v
    while [ $g -gt 0 ] && _any $v; do sleep 1; g=$((g-1)); done
    _end $v $(_tree $p) $(_inside $d/$k);; esac # unless what lists them was ended
    rm -f $d/ending; }; done; }
_call() { [ ! -e $d/ending ] || { kill -TERM $dog; wait $dog; }; kill -KILL $dog; } 2>/dev/null
`.trim()
