import { type Sh, sh, shared } from '../../sh.ts'

/**
 * How an operation works in a folder without following a name that another user of the host can
 * change. A folder is entered once and is the working folder from then on: what is renamed on the
 * way to it afterwards has no effect. A file is changed inside a private folder, or through a hard
 * link in it, because nobody else can put anything there.
 */

/**
 * `enter PATH [MODE]` makes a folder the working folder; with a mode it makes missing ones, the
 * last with that mode. `enter_file PATH` enters the folder of a file, through symlinks, and leaves
 * the file's name in `$name`. Both set `$shared` if other users can change names in the folder. A
 * symlink that another user can change is refused.
 *
 * `quick` is for the usual case: one stat proves that root alone can change every name on the way.
 */
export const FOLDER_FUNCTIONS = shared(
  'folder',
  sh`me= shared=
refuse() { printf '%s\n' "$*" >&2; exit 1; }
explain() { # path: why it could not be changed
  a=
  if command -v lsattr >/dev/null; then a=$(lsattr -d "$1" 2>/dev/null); a=\${a%% *}
  elif [ -z "$shared" ] && [ -f "$1" ]; then
    case $( { : >>"$1"; } 2>&1 ) in *'not permitted'*) a=i ;; esac
  fi
  case $a in *[ia]*)
    refuse "$name is immutable or append-only: take that away with chattr -ia first" ;;
  esac
  exit 1
}
ours() { # uid mode
  case $1 in 0 | "$me") ;; *) return 1 ;; esac
  case $2 in *[2367]? | *[2367]) return 1 ;; esac
}
quick() { # folder
  l=\${1#/} a=; set -- /
  while [ -n "$l" ]; do
    a=$a/\${l%%/*}; set -- "$@" "$a"; case $l in */*) l=\${l#*/} ;; *) l= ;; esac
  done
  n=0
  for l in $(stat -c '%u:%a:%f' "$@" 2>/dev/null); do
    n=$((n + 1)) m=\${l#*:}; m=\${m%:*}
    case $l in
      0:*:4???) ;;
      *:4???) me=\${me:-$(id -u)}; [ "\${l%%:*}" = "$me" ] || return 1 ;;
      *) return 1 ;;
    esac
    case $m in [1357]???) [ $n = $# ] || continue ;; esac
    case $m in *[2367]? | *[2367]) return 1 ;; esac
  done
  [ $n = $# ] && cd -P "\${a:-/}" && shared=
}
step() { # name: into this folder, never through a symlink
  set -- "$1" "$(stat -c %d:%i .)"
  cd -P "./$1" || exit 1
  set -- "$1" "$2" $(stat -c %d:%i .. . "../$1")
  [ "$2" = "$3" ] && [ "$4" = "$5" ] || refuse "$1 was replaced by another user meanwhile"
}
walk() { # path, what the last part is
  how=$2 left=\${1#/} k=0 name= me=$(id -u); cd / || exit 1
  while [ -n "$left" ]; do
    q=\${left%%/*}; case $left in */*) left=\${left#*/} ;; *) left= ;; esac
    case $q in '' | .) continue ;; ..) cd -P .. || exit 1; continue ;; esac
    if [ -h "./$q" ]; then
      set -- $(stat -c '%u %a' . && stat -c %u "./$q")
      ours $1 $2 || case "$2 $1 $3" in
        [1357]???' '0' '0) ;;
        *) refuse "$(pwd -P)/$q is a symlink that another user can change:" \
          'name the path behind it' ;;
      esac
      k=$((k + 1)); [ $k -lt 40 ] || refuse "$(pwd -P)/$q: too many symlinks"
      q=$(readlink "./$q") || exit 1
      case $q in /*) cd / ;; esac
      left=$q\${left:+/$left}
      continue
    fi
    [ "$how" != file ] || [ -n "$left" ] || { name=$q; break; }
    if [ ! -e "./$q" ]; then
      case $how in '' | file) refuse "the folder $(pwd -P)/$q does not exist" ;; esac
      if [ -n "$left" ]; then mkdir -m 755 "./$q"; else mkdir -m "$how" "./$q"; fi || exit 1
    fi
    step "$q"
  done
  set -- $(stat -c '%u %a' .); shared=; ours $1 $2 || shared=yes
}
enter() { quick "$1" || walk "$1" "\${2-}"; }
enter_file() {
  name=\${1##*/}
  { [ ! -h "$1" ] && quick "\${1%/*}"; } || walk "$1" file
  [ -n "$name" ] || refuse "$1 is a folder"
}`,
)

/** The folder is the working folder. `make`: it and those above it are made, it with this mode. */
export const enterFolder = (folder: string, make?: string): Sh =>
  sh`${FOLDER_FUNCTIONS}
enter ${folder} ${make ?? ''}`

/** The folder of a path is the working folder, and `$name` the path's last part. */
export const enterFolderOf = (path: string, make?: string): Sh => {
  const at = path.lastIndexOf('/')
  return sh`${enterFolder(path.slice(0, at) || '/', make)}
name=${path.slice(at + 1)}`
}

/**
 * Only as long as root alone can change every name on the way to the working folder: for programs
 * that take nothing but a path (mount, swapon).
 */
export const refuseSharedWay = (path: string): Sh =>
  sh`quick "$(pwd -P)" ||
  refuse ${`another user can change a name on the way to ${path}: take a path of root's`}`

/** As `enterFolderOf`, of the file that a path names: trusted symlinks are followed. */
export const enterFolderOfFile = (path: string | Sh): Sh => sh`${FOLDER_FUNCTIONS}
enter_file ${path}`

/**
 * In the folder of `$name`: `$t` is where its new version is made, `$p` its place, and `$was` what
 * is there now, held so that nobody can put another file under it (empty: nothing). What is made is
 * removed at the end of the shell.
 */
export const workBeside: Sh = shared(
  'beside',
  sh`temporary=.$name.brd
[ \${#name} -le 200 ] || temporary=.$(printf %.60s "$name").brd
trap 'exit 143' HUP INT TERM
if [ -z "$shared" ]; then
  p=./$name t=./$temporary was=
  { [ ! -e "$t" ] && [ ! -h "$t" ]; } || rm -f "$t" || exit 1
  trap '[ ! -e "$t" ] || rm -f "$t"' 0
  [ ! -e "$p" ] && [ ! -h "$p" ] || was=$p
else
  [ ! -h "./$temporary" ] && [ ! -f "./$temporary" ] || rm -f "./$temporary" || exit 1
  [ -d "./$temporary" ] || mkdir -m 700 "./$temporary" || exit 1
  step "$temporary"
  case $(stat -c '%u %a' .) in "$me 700" | "$me 2700") ;;
    *) refuse "$(pwd -P) is in the way: remove it" ;; esac
  trap 'rm -rf ./t ./was; cd -P .. && rmdir "./$temporary"' 0
  rm -rf ./t ./was || exit 1
  p=../$name t=./t was=
  if [ ! -d "$p" ] || [ -h "$p" ]; then
    if [ -e "$p" ] || [ -h "$p" ]; then ln "$p" ./was || explain "$p"; was=./was; fi
  fi
fi`,
)
