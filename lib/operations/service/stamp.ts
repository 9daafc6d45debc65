import { type Sh, sh } from '../../sh.ts'
import { isAbsent } from '../file/entry.ts'
import { keepOutput, writeMark } from '../file/mark.ts'

/** Where stamps are, one file each. */
export const FOLDER = '/var/lib/brd/stamps'
const SALT = `${FOLDER}/salt`

/** A stamp's place: the hash of the inputs that a unit was last started (or reloaded) with. */
const stamp = (unit: string, action: string): string => `${FOLDER}/${unit}.${action}`

/**
 * Defines `digest PATH…`: one salted hash over what is at the paths now. The salt is the host's
 * own, so that a hash tells nothing of a secret file.
 */
export const digest: Sh = sh`digest() {
  h=$(for f; do
    echo "$f"
    if [ -f "$f" ]; then sha256sum <"$f" || exit 74
    elif [ -e "$f" ]; then echo other; else echo absent; fi
  done) || return 74
  { cat ${SALT} && echo "$h"; } | sha256sum | cut -c 1-64
}`

/**
 * Prints `ACTION=current` where the unit runs with its inputs as they are, otherwise
 * `ACTION=changed`. A process that was started after its inputs were last touched has read them,
 * whoever started it. Otherwise the stamp decides, unless the process was started after the stamp
 * was written: nobody knows what it read. Needs `digest`; only reads.
 */
export const printStamp = (
  unit: string,
  action: string,
  paths: readonly string[],
): Sh => sh`began=$(TZ=UTC systemctl show \
    --property=InactiveExitTimestamp,ExecMainStartTimestamp -- ${unit}) || exit 74
began=$(printf '%s\n' "$began" | sed -n -e '/=n\/a$/d' -e 's/^[A-Za-z]*=\(..*\)/\1/p' |
  while IFS= read -r t; do date -d "$t" +%s || echo failed; done)
case $began in *failed*) exit 74 ;; esac
began=$(printf '%s\n' "$began" | sort -n | tail -n 1)
touched=$(for f in ${paths}; do
  # What is missing was last touched when its folder was.
  while [ ! -e "$f" ] && [ ! -h "$f" ]; do f=\${f%/*}; f=\${f:-/}; done
  stat -c %Z "$f"; stat -L -c %Z "$f" 2>/dev/null
done | sort -n | tail -n 1)
if [ "\${began:-0}" -gt "\${touched:-0}" ]; then echo ${action}=current
elif ! ${isAbsent(stamp(unit, action))}; then
  now=$(digest ${paths}) && kept=$(cat ${stamp(unit, action)}) &&
    written=$(stat -c %Y ${stamp(unit, action)}) || exit 74
  [ "$kept" = "$now" ] && [ "\${began:-0}" -le "$written" ] &&
    echo ${action}=current || echo ${action}=changed
else echo ${action}=changed; fi`

/** One salted hash of what comes on stdin; needs the salt. */
export const salted: Sh = sh`{ cat ${SALT} && cat; } | sha256sum | cut -c 1-64`

/** The host has its own salt, which `digest` and `salted` need. */
export const salt: Sh = sh`[ -s ${SALT} ] || {
  ${keepOutput(SALT, sh`{ od -An -N32 -tx1 /dev/urandom | tr -d ' \n'; }`)}
} || exit 1`

/** Leaves the hash of the inputs in `$ACTION`, before the unit reads them. */
export const takeStamp = (action: string, paths: readonly string[]): Sh => sh`${salt}
${action}=$(digest ${paths}) || exit 74`

/** Keeps that hash, once the unit is proven to run. */
export const keepStamp = (unit: string, action: string): Sh =>
  sh`{ ${writeMark(stamp(unit, action), sh`"$${action}"`)}; } || exit 1`
