import { type Sh, sh } from '../../sh.ts'
import { stackLabel } from '../docker/api.ts'

type Watch = {
  readonly stack: string
  /** Deadline. */
  readonly seconds: number
  /**
   * How long new tasks must have run to be well, in seconds, so that a program that ends early is
   * noticed: by the full names of their services, or for all.
   */
  readonly holds: ReadonlyMap<string, number> | number
  /** True: the services were just updated, so a rollback belongs to this deploy. */
  readonly deployed: boolean
}

/**
 * An awk program that judges one look at the stack. It reads lines: `O id`, an earlier task; `S
 * service state`, the state of its update; `R mode service n/m`; `T id name desired state… |
 * error`, newest first; `F id service second`, `P id second` and `U id second` of earlier looks;
 * `H service seconds`, how long a new task must have run (`*`: of any service). It prints the F, P
 * and U lines for the next look and a verdict: `well`, `wait why`, or `fail service id why`.
 */
export const JUDGE = String.raw`
function service(task) { sub(/\.[^.]*$/, "", task); return task }
function fail(of, id, why) {
  if (verdict == "") verdict = "fail " of " " (id == "" ? "-" : id) " " why
}
function await(why) { wait = wait (wait == "" ? "" : ", ") why }
$1 == "O" { old[$2] = 1; next }
$1 == "F" { failed[$2] = $3; seen[$2] = $4 == "" ? now : $4; next }
$1 == "P" { pending[$2] = $3; next }
$1 == "U" { up[$2] = $3; next }
$1 == "H" { hold[$2] = $3; next }
$1 == "S" { state[$2] = $3; next }
$1 == "R" {
  split($4, n, "/")
  if (n[1] + 0 < n[2] + 0 || (n[2] + 0 == 0 && $2 == "global")) {
    short[$3] = 1
    await($3 " " $4)
  }
  next
}
$1 == "T" {
  of = service($3); error = $0; if (!sub(/^[^|]*\| */, "", error)) error = ""
  gsub(/^"|"$/, "", error)
  if (old[$2] && $5 ~ /^(Failed|Rejected|Shutdown|Complete|Remove|Orphaned)$/) next
  if (!old[$2] && $4 == "Running" && $5 ~ /^(Starting|Running)$/) {
    alive[$2] = of
    if (!($2 in up)) up[$2] = now
  }
  if ($5 ~ /^(Failed|Rejected)$/) {
    failed[$2] = of
    if (!($2 in seen)) seen[$2] = now
    if (!(of in last)) { last[of] = $2; why[of] = error == "" ? "the task ended" : error }
    if (error ~ /[Nn]o such image|pull access denied|manifest unknown|not found: manifest/)
      image[of] = 1
  }
  # An unhealthy task whose program exits with 0 leaves no error: its states identify it.
  if (!old[$2] && $4 == "Shutdown" && $5 ~ /^(Complete|Shutdown)$/) ended[of] = $2
  if ($5 == "Pending" && error != "") {
    if (!($2 in pending)) pending[$2] = now
    waits[$2] = pending[$2]; if (now - pending[$2] >= 20) fail(of, $2, "no node takes it: " error)
    if (!(of in why)) why[of] = error
  }
}
END {
  for (id in failed) count[failed[id]]++
  for (of in state) {
    busy = state[of] == "updating" || state[of] == "rollback_started"
    reason = of in why ? ": " why[of] : ""
    if (state[of] ~ /paused/) fail(of, last[of], "its update is " state[of] reason)
    if (state[of] == "rollback_completed" && deployed && !short[of]) {
      if (reason == "" && of in ended) reason = ": its new task was not healthy, or ended"
      task = of in last ? last[of] : ended[of]
      fail(of, task, "it was rolled back to the previous version" reason)
    }
    if (busy) await(of " " state[of])
    else if (image[of]) fail(of, last[of], why[of])
    else if (count[of] >= 3) fail(of, last[of], "its tasks fail again and again: " why[of])
  }
  for (id in failed) {
    print "F " id " " failed[id] " " seen[id]
    if (now - seen[id] < 30) recent = 1
  }
  for (id in waits) print "P " id " " waits[id]
  for (id in alive) {
    print "U " id " " up[id]
    least = alive[id] in hold ? hold[alive[id]] : hold["*"]
    if (least - (now - up[id]) > left) left = least - (now - up[id])
  }
  # A failure is watched for 30 s; a service that runs after that is well.
  if (wait != "" || recent) for (of in why) wait = wait " (" of ": " why[of] ")"
  if (wait == "" && !recent && left > 0) wait = "new tasks to have run " left " s more"
  print verdict != "" ? verdict : wait != "" ? "wait " wait : "well"
}`

const formats = {
  replicas: 'R {{.Mode}} {{.Name}} {{.Replicas}}',
  state: 'S {{.Spec.Name}} {{with .UpdateStatus}}{{.State}}{{else}}-{{end}}',
  task: 'T {{.ID}} {{.Name}} {{.DesiredState}} {{.CurrentState}} | {{.Error}}',
} as const

/**
 * Waits until every wanted task runs and is healthy, no update is under way, and no task has failed
 * in the last 30 s. Exits with 1 and the reason, the failing task's error and its last lines of
 * log, if an update was rolled back or paused, tasks fail three times, an image is not found, no
 * node takes a task, or the deadline passes. `$before` contains the tasks of earlier versions.
 */
export const watchStack = ({ stack, seconds, holds, deployed }: Watch): Sh => {
  const filter = `label=${stackLabel}=${stack}`
  const times = typeof holds === 'number' ? [`H * ${holds}`] : [...holds].map(writeHold)
  return sh`program=${JUDGE}
clock() { read -r up _ </proc/uptime; up=\${up%%.*}; }
clock; start=$up; since=; memory=; verdict='wait for Docker to answer'
while clock; now=$((up - start)); [ $now -lt ${seconds} ]; do
  # A stack without a task is well if none is wanted; docker stack ps would call it an error.
  if ids=$(docker service ls --quiet --filter ${filter}) &&
    replicas=$(docker service ls --filter ${filter} --format ${formats.replicas}) &&
    states=$([ -z "$ids" ] || docker service inspect --format ${formats.state} $ids) &&
    tasks=$([ -z "$ids" ] || docker service ps --no-trunc --format ${formats.task} $ids); then
    answer=$({
      for id in $before; do echo "O $id"; done
      printf '%s\n' ${times} "$memory" "$states" "$replicas" "$tasks"
    } | awk -v now=$now -v deployed=${deployed ? 1 : 0} "$program")
    memory=$(printf '%s\n' "$answer" | sed '$d'); verdict=$(printf '%s\n' "$answer" | sed -n '$p')
  else verdict='wait for Docker to answer'; fi
  case $verdict in
    well) [ -n "$since" ] || since=$now; [ $((now - since)) -lt 2 ] || break ;;
    fail*) break ;;
    *) since= ;;
  esac
  sleep 1
done
case $verdict in
  fail*)
    set -f; set -- $verdict; shift; service=$1 task=$2; shift 2
    # The reason comes last: of a long output, the end is shown.
    log=
    [ "$task" = - ] || log=$(timeout 10 docker service logs --raw --tail 10 "$task" 2>&1) || log=
    [ -z "$log" ] || printf 'its last lines of log:\n%s\n' "$log" >&2
    echo "$service: $*" >&2
    exit 1 ;;
  wait*) echo ${`not converged after ${seconds} s:`} "\${verdict#wait }" >&2; exit 1 ;;
  *) [ -n "$since" ] && [ $((now - since)) -ge 2 ] || {
    echo ${`not converged after ${seconds} s: it came up too late to be judged`} >&2
    exit 1
  } ;;
esac`
}

const writeHold = ([service, seconds]: readonly [string, number]): string =>
  `H ${service} ${seconds}`

/** Sets `$before` to the tasks that there are: their failures do not count. */
export const rememberTasks = (stack: string): Sh => sh`before=$(
  ids=$(docker service ls --quiet --filter ${`label=${stackLabel}=${stack}`})
  [ -z "$ids" ] || docker service ps --no-trunc --quiet $ids 2>/dev/null
) || :`
