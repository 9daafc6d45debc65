import { join, type Sh, sh } from '../../sh.ts'
import { stackLabel } from '../docker/api.ts'
import { finishDeploy, keepBefore, locateBefore } from './record.ts'
import { rollBack } from './rollback.ts'
import type { StackState } from './state.ts'
import type { WantedStack } from './wanted.ts'
import { rememberTasks, watchStack } from './watch.ts'

/** How long a rollback of the stack may take, in seconds. */
export const ROLLBACK_SECONDS = 240

type Deployment = {
  readonly want: WantedStack
  readonly now: StackState
  /** Full names of the configs to create, in the order of stdin. */
  readonly configs: readonly string[]
  /** Full names of the secrets to create, after the configs. */
  readonly secrets: readonly string[]
  /** True: an image was changed by hand, so resolve images again. */
  readonly image: boolean
}

/**
 * Creates configs and secrets, deploys, waits until the stack has converged, and removes what no
 * version needs any longer. Refuses if a service has changed since it was read. If the stack rolls
 * back as a whole, it does so whatever fails from the first service on, the deploy itself too.
 */
export const deployStack = ({
  want,
  now,
  configs,
  secrets,
  image,
}: Deployment): Sh => sh`${checkVersions(want.name, now)}
${join([
  ...configs.map(name => createObject('config', want.name, name)),
  ...secrets.map(name => createObject('secret', want.name, name)),
])}
${rememberTasks(want.name)}
detach=; if docker stack deploy --help | grep -q -e --detach; then detach=--detach=true; fi
${want.rollbackStack ? keepBefore(want.name) : sh`:`}
${goBackUnless(
  want,
  sh`# The rest of stdin is the stack's file.
docker stack deploy --compose-file - --prune --with-registry-auth \
  --resolve-image ${image ? 'always' : 'changed'} $detach ${want.name} >/dev/null || exit
${watchStack({ stack: want.name, seconds: want.seconds, holds: want.holds, deployed: true })}`,
)}
${finishDeploy(want.name)}
${collectGarbage(want)}`

/** Does this; if it fails, the stack goes back as a whole if that was asked for. */
const goBackUnless = ({ name, rollbackStack }: WantedStack, work: Sh): Sh =>
  rollbackStack
    ? sh`( ${work} ) || { [ ! -e ${locateBefore(name)} ] || {
${rollBack(name, ROLLBACK_SECONDS)}
}; exit 1; }`
    : work

/**
 * Waits until the stack has converged. If a deploy before this one did not end, this ends it: it
 * rolls the stack back where that one would have.
 */
export const settleStack = (want: WantedStack, tidy: boolean): Sh => sh`${rememberTasks(want.name)}
${goBackUnless(
  want,
  watchStack({ stack: want.name, seconds: want.seconds, holds: want.holds, deployed: false }),
)}
[ ! -e ${locateBefore(want.name)} ] || ${finishDeploy(want.name)}
${tidy ? collectGarbage(want) : sh`:`}`

/**
 * Removes the stack's configs and secrets that neither the running nor the previous version mounts,
 * and the networks that it no longer has.
 */
export const collectGarbage = (want: WantedStack): Sh => {
  const filter = `label=${stackLabel}=${want.name}`
  const keep = [...want.configs.keys(), ...want.secrets.keys()]
  return sh`services=$(docker service ls --quiet --filter ${filter}) &&
  used=$(docker service inspect --format ${mounts} $services) || exit
keep=${keep.join('\n')}
for kind in config secret; do
  for name in $(docker $kind ls --filter ${filter} --format '{{.Name}}'); do
    case "
$used
$keep
" in *"
$name
"*) ;; *) docker $kind rm "$name" >/dev/null || exit ;; esac
  done
done
for name in $(docker network ls --filter ${filter} --format '{{.Name}}'); do
  case ${` ${[...want.networks.keys()].join(' ')} `} in *" $name "*) continue ;; esac
  # Docker refuses until the last container has left the network.
  tries=0
  until docker network rm "$name" >/dev/null 2>&1; do
    tries=$((tries + 1)); [ $tries -lt 20 ] || {
      echo "network $name is still in use" >&2
      exit 1
    }
    sleep 1
  done
done`
}

const container = '.TaskTemplate.ContainerSpec'
const formatNames = (of: string): string =>
  [
    `{{range ${of}${container}.Configs}}{{println .ConfigName}}{{end}}`,
    `{{range ${of}${container}.Secrets}}{{println .SecretName}}{{end}}`,
  ].join('')
const mounts = `${formatNames('.Spec')}{{with .PreviousSpec}}${formatNames('')}{{end}}`

/** Exits with 1 if a service's version is not the one that the plan was made from. */
const checkVersions = (stack: string, { services }: StackState): Sh => {
  const known = [...services.values()]
    .map(({ Spec, Version }) => `${Spec.Name} ${Version.Index}`)
    .sort()
  return sh`services=$(docker service ls --quiet --filter ${`label=${stackLabel}=${stack}`}) || exit
[ -z "$services" ] ||
  versions=$(docker service inspect --format '{{.Spec.Name}} {{.Version.Index}}' $services | sort)
[ "\${versions:-}" = ${known.join('\n')} ] || {
  echo 'the stack was changed meanwhile: run again to plan from its current state' >&2
  exit 1
}`
}

/** Creates a config or secret from a line of base64. `read` leaves the lines after it on stdin. */
const createObject = (kind: 'config' | 'secret', stack: string, name: string): Sh =>
  sh`read -r line && printf '%s' "$line" | base64 -d |
  docker ${kind} create --label ${`${stackLabel}=${stack}`} ${name} - >/dev/null || {
  echo ${`${kind} ${name} could not be created`} >&2
  exit 1
}`
