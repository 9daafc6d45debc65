import { type Sh, sh } from '../../sh.ts'

/** Folders in which systemd looks for a unit's file, the first one first. */
const FOLDERS = ['/etc', '/run', '/usr/local/lib', '/usr/lib', '/lib'].map(
  folder => `${folder}/systemd/system`,
)

/**
 * Has systemd read the text in a separate folder. Ends with an error if it would ignore or refuse
 * a line of it. A drop-in is tried with its unit, if that is there.
 */
export const tryUnit = (
  unit: string,
  path: string,
  text: string,
): Sh => sh`( command -v systemd-analyze >/dev/null || exit 0
t=$(mktemp -d) || exit 1
trap 'rm -rf "$t"' 0; trap 'exit 143' HUP INT TERM
file=$t/${path.replace('/etc/systemd/system/', '')}
mkdir -p "\${file%/*}" && printf '%s' ${text} >"$file" || exit 1
tried=$file
case $file in *.conf)
  tried=
  for f in ${FOLDERS}; do
    [ -n "$tried" ] || [ ! -f "$f/"${unit} ] || tried=$f/${unit}
  done
  [ -n "$tried" ] || exit 0 ;;
esac
said=$(SYSTEMD_UNIT_PATH="$t:" systemd-analyze verify --man=no "$tried" 2>&1 | grep -F "$file:")
[ -z "$said" ] || {
  echo 'systemd would not take it as it is written:' >&2
  printf '%s\n' "$said" | sort -u | sed "s|^$t/||" >&2
  exit 1
} ) || exit 1`
