import { join, type Sh, sh } from '../../sh.ts'
import { namespace } from '../docker/api.ts'
import { rollback } from './rollback.ts'
import type { State } from './state.ts'
import type { Wanted } from './wanted.ts'
import { watch } from './watch.ts'

/** How long a stack may take to be as it was before, in seconds. */
export const BACK = 240

type Deployment = {
  readonly want: Wanted
  readonly now: State
  /** Full names of those to create, in the order of stdin. */
  readonly configs: readonly string[]
  readonly secrets: readonly string[]
  /** An image was changed by hand and has to be resolved again. */
  readonly image: boolean
  readonly created: boolean
}

/**
 * Creates configs and secrets, deploys, waits until the stack has converged and removes what no
 * version needs any more.
 * Refused when a service moved since it was read.
 */
export const deploy = ({
  want,
  now,
  configs,
  secrets,
  image,
  created,
}: Deployment): Sh => sh`${same(want.name, now)}
${join([...configs.map(name => create('config', want.name, name)), ...secrets.map(name => create('secret', want.name, name))])}
${tasks(want.name)}
detach=; if docker stack deploy --help | grep -q -e --detach; then detach=--detach=true; fi
# The stack's file is what is left of stdin.
docker stack deploy --compose-file - --prune --with-registry-auth --resolve-image ${image ? 'always' : 'changed'} $detach ${want.name} >/dev/null || exit
${watched(want, watch({ stack: want.name, seconds: want.seconds, hold: created ? 5 : 2, deployed: true }))}
${collect(want)}`

const watched = (want: Wanted, look: Sh): Sh =>
  want.asOne
    ? sh`( ${look} ) || { ${rollback(want.name, BACK)}
exit 1; }`
    : look

/** Waits until the stack has converged. */
export const settle = (want: Wanted, tidy: boolean): Sh => sh`${tasks(want.name)}
${watch({ stack: want.name, seconds: want.seconds, hold: 2, deployed: false })}
${tidy ? collect(want) : sh`:`}`

/**
 * Removes the stack's configs and secrets that neither the running version nor the one before it
 * mounts, and networks it no longer has.
 */
export const collect = (want: Wanted): Sh => {
  const filter = `label=${namespace}=${want.name}`
  const keep = [...want.configs.keys(), ...want.secrets.keys()]
  return sh`services=$(docker service ls --quiet --filter ${filter}) && used=$(docker service inspect --format ${mounts} $services) || exit
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
  # It goes only after the last container has left it.
  tries=0; until docker network rm "$name" >/dev/null 2>&1; do tries=$((tries + 1)); [ $tries -lt 20 ] || { echo "network $name is still in use" >&2; exit 1; }; sleep 1; done
done`
}

// Tasks of earlier versions and their failures are not held against this one.
const tasks = (stack: string): Sh =>
  sh`before=$(docker stack ps --no-trunc --quiet ${stack} 2>/dev/null)`

const container = '.TaskTemplate.ContainerSpec'
const names = (of: string): string =>
  `{{range ${of}${container}.Configs}}{{println .ConfigName}}{{end}}{{range ${of}${container}.Secrets}}{{println .SecretName}}{{end}}`
const mounts = `${names('.Spec')}{{with .PreviousSpec}}${names('')}{{end}}`

/** Ends with exit 1 where a service has another version than the plan was made from. */
const same = (stack: string, { services }: State): Sh => {
  const known = [...services.values()]
    .map(({ Spec, Version }) => `${Spec.Name} ${Version.Index}`)
    .sort()
  return sh`services=$(docker service ls --quiet --filter ${`label=${namespace}=${stack}`}) || exit
[ -z "$services" ] || versions=$(docker service inspect --format '{{.Spec.Name}} {{.Version.Index}}' $services | sort)
[ "\${versions:-}" = ${known.join('\n')} ] || { echo 'the stack was changed meanwhile: run again to plan from what it is now' >&2; exit 1; }`
}

/**
 * Reads one line of base64: dash reads it byte by byte, so that the lines after it are left for
 * others.
 */
const create = (kind: 'config' | 'secret', stack: string, name: string): Sh =>
  sh`read -r line && printf '%s' "$line" | base64 -d | docker ${kind} create --label ${`${namespace}=${stack}`} ${name} - >/dev/null || { echo ${`${kind} ${name} could not be created`} >&2; exit 1; }`
