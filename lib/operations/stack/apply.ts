import { join, type Sh, sh } from '../../sh.ts'
import { namespace } from '../docker/api.ts'
import { rollback } from './rollback.ts'
import type { State } from './state.ts'
import type { Wanted } from './wanted.ts'
import { watch } from './watch.ts'

/** How long a rollback of the stack may take, in seconds. */
export const BACK = 240

type Deployment = {
  readonly want: Wanted
  readonly now: State
  /** Full names of the configs to create, in the order of stdin. */
  readonly configs: readonly string[]
  /** Full names of the secrets to create, after the configs. */
  readonly secrets: readonly string[]
  /** True: an image was changed by hand, so resolve images again. */
  readonly image: boolean
  readonly created: boolean
}

/**
 * Creates configs and secrets, deploys, waits until the stack has converged, and removes what no
 * version needs any longer. Refuses if a service has changed since it was read.
 */
export const deploy = ({
  want,
  now,
  configs,
  secrets,
  image,
  created,
}: Deployment): Sh => sh`${same(want.name, now)}
${join([
  ...configs.map(name => create('config', want.name, name)),
  ...secrets.map(name => create('secret', want.name, name)),
])}
${tasks(want.name)}
detach=; if docker stack deploy --help | grep -q -e --detach; then detach=--detach=true; fi
# The rest of stdin is the stack's file.
docker stack deploy --compose-file - --prune --with-registry-auth \
  --resolve-image ${image ? 'always' : 'changed'} $detach ${want.name} >/dev/null || exit
${watched(want, created ? 5 : 2)}
${collect(want)}`

const watched = (want: Wanted, hold: number): Sh => {
  const look = watch({ stack: want.name, seconds: want.seconds, hold, deployed: true })
  return want.asOne
    ? sh`( ${look} ) || { ${rollback(want.name, BACK)}
exit 1; }`
    : look
}

/** Waits until the stack has converged. */
export const settle = (want: Wanted, tidy: boolean): Sh => sh`${tasks(want.name)}
${watch({ stack: want.name, seconds: want.seconds, hold: 2, deployed: false })}
${tidy ? collect(want) : sh`:`}`

/**
 * Removes the stack's configs and secrets that neither the running nor the previous version mounts,
 * and the networks that it no longer has.
 */
export const collect = (want: Wanted): Sh => {
  const filter = `label=${namespace}=${want.name}`
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

// Ignores tasks of earlier versions and their failures.
const tasks = (stack: string): Sh =>
  sh`before=$(docker stack ps --no-trunc --quiet ${stack} 2>/dev/null)`

const container = '.TaskTemplate.ContainerSpec'
const names = (of: string): string =>
  [
    `{{range ${of}${container}.Configs}}{{println .ConfigName}}{{end}}`,
    `{{range ${of}${container}.Secrets}}{{println .SecretName}}{{end}}`,
  ].join('')
const mounts = `${names('.Spec')}{{with .PreviousSpec}}${names('')}{{end}}`

/** Exits with 1 if a service's version is not the one that the plan was made from. */
const same = (stack: string, { services }: State): Sh => {
  const known = [...services.values()]
    .map(({ Spec, Version }) => `${Spec.Name} ${Version.Index}`)
    .sort()
  return sh`services=$(docker service ls --quiet --filter ${`label=${namespace}=${stack}`}) || exit
[ -z "$services" ] ||
  versions=$(docker service inspect --format '{{.Spec.Name}} {{.Version.Index}}' $services | sort)
[ "\${versions:-}" = ${known.join('\n')} ] || {
  echo 'the stack was changed meanwhile: run again to plan from its current state' >&2
  exit 1
}`
}

/** Creates a config or secret from a line of base64. `read` leaves the lines after it on stdin. */
const create = (kind: 'config' | 'secret', stack: string, name: string): Sh =>
  sh`read -r line && printf '%s' "$line" | base64 -d |
  docker ${kind} create --label ${`${namespace}=${stack}`} ${name} - >/dev/null || {
  echo ${`${kind} ${name} could not be created`} >&2
  exit 1
}`
