import type { Diff } from '../../../operation.ts'
import { join, type Sh, sh } from '../../../sh.ts'
import { digest, salt } from '../../service/stamp.ts'
import type { Running } from './options.ts'
import { type ContainerSpec, formatOptions, listNetworks } from './spec.ts'
import { containerLabels } from './state.ts'

/**
 * Replaces the container. The old one stays, stopped, until the new one is well; if the new one
 * does not come up, the old one runs again.
 */
export const replaceContainer = (
  want: Running,
  spec: ContainerSpec,
  inputs: readonly string[],
): Sh => {
  const { name, image, command = [] } = want
  const [old, fresh] = [`${name}.brd-old`, `${name}.brd-new`]
  const further = listNetworks(want).slice(1)
  return sh`there() {
  all=$(docker ps --all --format '{{.Names}}') || exit
  printf '%s\n' "$all" | grep -q -x -F -e "$1"
}
# Undo an interrupted replacement: the old container counts until a new one is well.
! there ${fresh} || docker rm --force ${fresh} >/dev/null || exit
if there ${old}; then
  ! there ${name} || docker rm --force ${name} >/dev/null || exit
  docker rename ${old} ${name} || exit
fi
${takeInputs(inputs)}
drop() { docker rm --force ${fresh} >/dev/null 2>&1; exit 1; }
docker create --name ${fresh} ${formatOptions(want)} \
  --label ${`${containerLabels.spec}=${JSON.stringify(spec)}`} \
  --label ${containerLabels.inputs}="$inputs" \
  ${image} ${command} >/dev/null || drop
${join(further.map(network => sh`docker network connect ${network} ${fresh} || drop`))}
was=absent
if there ${name}; then
  was=$(docker container inspect --format '{{.State.Running}}' ${name}) || exit
  ${unpause(name)}
  docker stop ${name} >/dev/null && docker rename ${name} ${old} || exit
fi
docker rename ${fresh} ${name} || exit
${defineWell(name, want.timeoutSeconds ?? 60)}
back() {
  echo "$1" >&2
  docker logs --tail 15 ${name} >&2
  docker rm --force ${name} >/dev/null
  [ $was = absent ] || {
    docker rename ${old} ${name} && { [ $was = false ] || docker start ${name} >/dev/null; } &&
      echo 'the previous container is back' >&2
  }
  exit 1
}
docker start ${name} >/dev/null || back 'the new container does not start'
well || back "the new container $said"
! there ${old} || docker rm --force ${old} >/dev/null`
}

/** Starts or resumes the container, or restarts an unhealthy one, and waits until it is well. */
export const startContainer = (name: string, life: Diff, seconds: number): Sh =>
  life.length === 0
    ? sh``
    : sh`${defineWell(name, seconds)}
${unpause(name)}
docker ${life.some(({ key }) => key === 'state') ? 'start' : 'restart'} ${name} >/dev/null || exit
well || { echo "it $said" >&2; docker logs --tail 15 ${name} >&2; exit 1; }`

// Docker neither starts nor stops a container that is paused.
const unpause = (name: string): Sh =>
  sh`[ "$(docker container inspect --format '{{.State.Paused}}' ${name})" != true ] ||
  docker unpause ${name} >/dev/null || exit`

/** Removes these containers, then runs the rest. */
export const removeContainers = (
  names: readonly string[],
  then: Sh | null,
): Sh => sh`for one in ${names}; do
  said=$(docker rm --force "$one" 2>&1) || case $said in
    *'o such container'*) ;;
    *) printf '%s\n' "$said" >&2; exit 1 ;;
  esac
done
${then ?? sh``}`

/** Leaves the hash of the files in `$inputs`, before the container reads them. */
const takeInputs = (paths: readonly string[]): Sh =>
  paths.length === 0
    ? sh`inputs=`
    : sh`${digest}
${salt}
inputs=$(digest ${paths}) || exit 74`

const healthFormat = [
  '{{.State.Status}}',
  '{{with .State.Health}}{{.Status}}{{else}}unknown{{end}}',
  '{{.RestartCount}}',
  '{{.State.ExitCode}}',
].join(' ')

/**
 * Defines `well`, which waits until the container is healthy, or has run for three seconds if it
 * has no health check. Otherwise `$said` gives the reason.
 */

const defineWell = (name: string, seconds: number): Sh => sh`well() {
  tries=0 count=
  while :; do
    said=$(docker container inspect --format ${healthFormat} ${name}) || return 1
    set -- $said
    : "\${count:=$3}"
    case "$1 $2" in
      'running healthy') return 0 ;;
      'running unknown') [ $tries -lt 3 ] || return 0 ;;
      'running starting') ;;
      'running unhealthy') said='is unhealthy'; return 1 ;;
      *) said="does not stay up: $1, exit $4"; return 1 ;;
    esac
    [ "$3" = "$count" ] || { said="does not stay up: started $3 times"; return 1; }
    tries=$((tries + 1))
    [ $tries -lt ${seconds} ] || { said="is still $2 after ${seconds} s"; return 1; }
    sleep 1
  done
}`
