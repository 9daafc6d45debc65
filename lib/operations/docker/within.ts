import { type Sh, sh } from '../../sh.ts'

/** How long a command in a container may take unless its operation says otherwise, in seconds. */
const SECONDS = 60

/** Locates a server on this host. */
export type Location =
  | {
      /**
       * A service of the swarm, by its full name (`stage-data_mariadb`), with a healthy task on
       * this node.
       */
      readonly service: string
      readonly container?: never
    }
  | {
      /** A running container outside of the swarm, by its name. */
      readonly container: string
      readonly service?: never
    }
  | { readonly service?: never; readonly container?: never }

/**
 * Defines `within COMMAND…`, which runs a command next to the server, with its stdin. Sets `$id` to
 * the server's container, if it has one. Exits with 3 if the server does not run on this host. In a
 * container the command ends after so many seconds, by default 60, because a lost link ends nothing
 * that runs in a container. The deadline of its fragment, and a second Ctrl-C, end it earlier.
 */
export const defineWithin = ({ service, container }: Location, seconds = SECONDS): Sh => {
  if (service === undefined && container === undefined) return sh`within() { "$@"; }`
  const filters =
    service === undefined
      ? ['--filter', `name=^/?${container?.replaceAll('.', '\\.')}$`, '--filter', 'status=running']
      : ['--filter', `label=com.docker.swarm.service.name=${service}`, '--filter', 'health=healthy']
  const none =
    service === undefined
      ? `no container ${container} runs on this host`
      : `no healthy task of ${service} runs on this node`
  return sh`command -v docker >/dev/null || { echo 'Docker is not installed' >&2; exit 3; }
id=$(docker ps --quiet ${filters}) || exit
[ -n "$id" ] || { echo ${none} >&2; exit 3; }
id=\${id%%
*}
limited=${limited}
run_inside() {
  docker exec --interactive \${brd_op:+--env "BRD_OP=$brd_op"} "$@"
  inside=$?
  [ $inside -ne 124 ] || echo ${`it was ended in the container after ${seconds} s`} >&2
  return $inside
}
within() { run_inside "$id" sh -c "$limited" sh ${seconds} "$@"; }
within_as() {
  as=$1; shift
  run_inside --user "$as" "$id" sh -c "$limited" sh ${seconds} "$@"
}`
}

/**
 * Runs a command for so many seconds at most, then ends it with all that it started: exit 124.
 * Docker makes what it executes the leader of a process group. busybox's `timeout` would end one
 * process only.
 */
const limited = `seconds=$1; shift
read -r _ _ _ _ group _ </proc/$$/stat && [ "$group" = $$ ] && all=0 || all=
trap : TERM
exec 3<&0
"$@" <&3 3<&- & work=$!
{
  sleep "$seconds" & nap=$!
  trap 'kill $nap; exit' TERM
  wait $nap; trap : TERM; kill -TERM \${all:-$work}
  sleep 10; kill -KILL $work
} >/dev/null 2>&1 3<&- & guard=$!
while wait $work; code=$?; kill -0 $work 2>/dev/null; do :; done
kill $guard 2>/dev/null
case $code in 137 | 143) kill -KILL $guard 2>/dev/null; exit 124 ;; esac
exit $code`

/** Returns the server's name for names of operations. */
export const nameLocation = ({ service, container }: Location): string =>
  service ?? container ?? 'this host'
