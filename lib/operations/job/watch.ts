import { type Sh, sh } from '../../sh.ts'
import { describeInputs, locateFolder, nameUnit } from './unit.ts'
import type { TransientJob } from './wanted.ts'

/**
 * How long one look at a job takes at most, in seconds: so long a shell whose link was lost keeps
 * others waiting.
 */
const LOOK_SECONDS = 10

/**
 * Watches the job until it has ended, until the run is asked to stop, or for a while. Prints each
 * new progress and what the job printed meanwhile, in short parts. Needs `live`. The cursor of the
 * journal is kept in the folder of the run's shell. What was printed last has the time to leave.
 */
export const watchJob = (want: TransientJob): Sh => sh`scratch=\${brd_op%/*}; : "\${scratch:?}"
clock() { read -r up _ </proc/uptime; up=\${up%%.*}; }
tell() {
  seen= line=
  read -r seen 2>/dev/null <"$scratch/job-"${want.name}
  line=$(head -c 1000 ${`${locateFolder(want.name)}/progress`} 2>/dev/null | head -n 1)
  [ -z "$line" ] || [ "$line" = "$seen" ] || {
    printf '%s\n' "$line" >"$scratch/job-"${want.name}
    printf 'progress: %s\n' "$line"
  }
  [ -z "$is" ] || journalctl --quiet --no-pager --output=cat --lines=20 \
    --cursor-file="$scratch/job-$is" "_SYSTEMD_INVOCATION_ID=$is" 2>/dev/null |
    awk 'length > 2000 { $0 = "(a line of " length " characters is not shown)" } { print }'
}
is=
clock; start=$up
while live; do
  case $of in *${describeInputs(want)}*) ;; *)
    echo ${`${nameUnit(want.name)} runs with other inputs:`} \
      ${`wait for its end, or end it with systemctl stop ${nameUnit(want.name)}`} >&2
    exit 1 ;;
  esac
  is=$(systemctl show --property=InvocationID --value -- ${nameUnit(want.name)}) || exit 74
  clock
  [ ! -e "$scratch/stop" ] && [ $((up - start)) -lt ${LOOK_SECONDS} ] || exit 0
  [ $((up - start)) -ge ${LOOK_SECONDS - 2} ] || tell
  sleep 1
done
last=$(tell)
[ -z "$last" ] || { printf '%s\n' "$last"; sleep 2; }`
