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
 * `ACTION=changed`. The stamp decides. Without
 * one (first contact) a unit that was started after its inputs were last touched has read them.
 * Needs `digest`; only reads.
 */
export const printStamp = (
  unit: string,
  action: string,
  paths: readonly string[],
): Sh => sh`if ! ${isAbsent(stamp(unit, action))}; then
  now=$(digest ${paths}) && was=$(cat ${stamp(unit, action)}) || exit 74
  [ "$was" = "$now" ] && echo ${action}=current || echo ${action}=changed
else
  began=$(TZ=UTC systemctl show --property=InactiveExitTimestamp --value -- ${unit}) &&
    began=$(date -d "\${began:-1970-01-01}" +%s) || exit 74
  touched=$({ stat -c %Z ${paths}; stat -L -c %Z ${paths}; } 2>/dev/null | sort -n | tail -n 1)
  [ "$began" -gt "\${touched:-0}" ] && echo ${action}=current || echo ${action}=changed
fi`

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
