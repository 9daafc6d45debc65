import { type Sh, sh } from '../../sh.ts'
import { keepOutput } from '../file/mark.ts'
import { hashInputs, type TransientJob } from './wanted.ts'

/** The name of the unit, of which systemd has one at a time. */
export const nameUnit = (name: string): string => `brd-job-${name}.service`

/** What is known of the last job of that name. It outlives a reboot. */
export const locateRecord = (name: string): string => `/var/lib/brd/transient/${name}`

/** What a job has in memory: its scripts, its secrets, its progress. */
export const locateFolder = (name: string): string => `/run/brd/jobs/${name}`

/** How long the work may take to end when it is asked to, and so its clean-up, in seconds. */
const STOP_SECONDS = 90

/**
 * Defines `live`: succeeds while the unit does anything, its clean-up included, and leaves in `of`
 * what the unit says that it was made from.
 */
export const defineLive = (name: string): Sh => sh`live() {
  of=$(systemctl show --property=ActiveState,Description -- ${nameUnit(name)}) || exit 74
  case $(printf '%s\n' "$of" | sed -n 's/^ActiveState=//p') in
    active | activating | deactivating | reloading | refreshing | maintenance) ;;
    *) return 1 ;;
  esac
}`

/**
 * Begins the job, unless it is live already. Needs `live`; reads one line of base64 for each
 * secret. Files that no unit reads in the end are removed: here, or by the next job of that name.
 */
export const beginJob = (want: TransientJob): Sh => sh`live || {
  systemctl reset-failed -- ${nameUnit(want.name)} 2>/dev/null
  mkdir -p ${locateFolder(want.name)} &&
    folder=$(mktemp -d ${`${locateFolder(want.name)}/XXXXXX`}) || exit 1
  trap 'live || rm -rf "$folder"' 0; trap 'exit 143' HUP INT TERM
  printf '%s\n' ${formatWork(want).text} >"$folder/run" &&
    printf '%s\n' ${formatEnd(want).text} >"$folder/end" && mkdir "$folder/secrets" || exit 1
  version=$(systemctl --version) || exit 1
  version=\${version#systemd }; version=\${version%%[!0-9]*}
  set --
  for name in ${Object.keys(want.secrets ?? {})}; do
    read -r line && printf '%s' "$line" | base64 -d >"$folder/secrets/$name" || exit 1
    [ "\${version:-0}" -lt 250 ] ||
      set -- "$@" "--property=LoadCredential=$name:$folder/secrets/$name"
  done
  said=$(systemd-run --quiet --collect --no-ask-password --service-type=exec \
    --unit=${nameUnit(want.name)} --description=${describeInputs(want)} ${formatLimits(want)} \
    "--property=ExecStopPost=/bin/sh $folder/end $folder" "$@" \
    /bin/sh "$folder/run" "$folder" 2>&1) || {
    rm -rf "$folder"
    live || { printf '%s\n' "$said" >&2; exit 1; }
  }
  trap - 0
}`

/**
 * The unit's description, which is set in the one step that makes the unit: so whoever sees that it
 * runs knows what for.
 */
export const describeInputs = (want: TransientJob): string => {
  const { name, rerun } = want
  const request = rerun === undefined ? '' : `, for ${rerun}`
  return `job ${name} of brd${request}, inputs ${hashInputs(want)}`
}

const formatLimits = (want: TransientJob): readonly string[] =>
  Object.entries({
    RuntimeMaxSec: want.timeoutSeconds ?? 3600,
    TimeoutStopSec: STOP_SECONDS,
    UMask: '0077',
    MemoryMax: want.memoryMax,
    Nice: want.nice,
    IOSchedulingClass: want.ioSchedulingClass,
  }).flatMap(([key, value]) => (value === undefined ? [] : [`--property=${key}=${value}`]))

/** What both scripts begin with. `$1` is the folder that was made for them. */
const prepare = sh`umask 077; LC_ALL=C; export LC_ALL
: "\${CREDENTIALS_DIRECTORY:=$1/secrets}"; export CREDENTIALS_DIRECTORY
read -r _boot </proc/sys/kernel/random/boot_id || exit 75
_now=$(date -u +%Y-%m-%dT%H:%M:%SZ)`

/** The script of the work. What an earlier job left in memory goes; nothing begins unrecorded. */
const formatWork = (want: TransientJob): Sh => {
  const { name, run } = want
  return sh`${prepare}
for _file in ${locateFolder(name)}/*; do [ "$_file" = "$1" ] || rm -rf "$_file"; done
_record() {
  printf '%s\n' ${`inputs=${hashInputs(want)}`} "boot=$_boot" "invocation=$INVOCATION_ID" \
    "began=$_now"
}
${keepOutput(locateRecord(name), sh`_record`)} || exit 75
progress() {
  printf '%s\n' "$1" >${`${locateFolder(name)}/.new`} &&
    mv -f ${`${locateFolder(name)}/.new`} ${`${locateFolder(name)}/progress`}
}
set --
${run}`
}

/**
 * The script that systemd runs after the work, however that ended. How it ended is on record before
 * the clean-up begins.
 */
const formatEnd = (want: TransientJob): Sh => {
  const { name, cleanUp } = want
  const keep = keepOutput(locateRecord(name), sh`_record`)
  return sh`${prepare}
_folder=$1; set --
_began=$(sed -n -e "/^invocation=$INVOCATION_ID$/,/^began=/s/^began=//p" ${locateRecord(name)})
_progress=$(head -c 1000 ${`${locateFolder(name)}/progress`} 2>/dev/null | head -n 1)
_record() {
  printf '%s\n' ${`inputs=${hashInputs(want)}`} "boot=$_boot" "invocation=$INVOCATION_ID" \
    "began=\${_began:-$_now}" "ended=$_now" "how=$SERVICE_RESULT $EXIT_CODE $EXIT_STATUS" \
    "cleanUp=$_clean" "progress=$_progress"
}
journalctl --sync >/dev/null 2>&1
_clean=${cleanUp ? 'running' : '0'}
${keep}
${
  cleanUp
    ? sh`( ${cleanUp}
)
_clean=$?
${keep}`
    : sh``
}
rm -rf "$_folder" ${`${locateFolder(name)}/progress`}
rmdir ${locateFolder(name)} 2>/dev/null || :`
}
