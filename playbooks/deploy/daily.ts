/** The daily work on an environment, as shell that runs on its servers. */
import { clientScript } from '../../lib/operations/mariadb/container.ts'
import { rememberTasks, watchStack } from '../../lib/operations/stack/watch.ts'
import { type Sh, sh } from '../../lib/sh.ts'
import type { FoundService } from './services.ts'

/**
 * Ends with the reason and the way out where Docker cannot be asked here. What follows may then use
 * it.
 */
export const requireDocker = ({
  host,
  cluster,
  manager,
}: {
  readonly host: string
  readonly cluster: string
  readonly manager: boolean
}): Sh => {
  const raise = `raise its cluster first: npx zx playbooks/bootstrap.ts --cluster ${cluster}`
  const silent = `${host}: Docker does not answer there; look at it with: systemctl status docker`
  const noManager = sh`refuse ${`${host}: is not a manager of its swarm; ${raise}`}`
  return sh`refuse() { printf '%s\n' "$*" >&2; exit 1; }
command -v docker >/dev/null || refuse ${`${host}: Docker is not installed there; ${raise}`}
format='{{.Swarm.LocalNodeState}} {{.Swarm.ControlAvailable}}'
state=$(timeout 20 docker info --format "$format" 2>/dev/null) || refuse ${silent}
case $state in
  'active true') ;;
  active*) ${manager ? noManager : sh`:`} ;;
  *) refuse ${`${host}: is in no swarm; ${raise}`} ;;
esac`
}

/** Ends with the way out where the service is not deployed. */
const requireDeployed = ({ stack, full }: FoundService): Sh =>
  sh`docker service inspect ${full} >/dev/null 2>&1 ||
  refuse ${describeMissing(full, nameEnvironment(stack))}`
const describeMissing = (what: string, env: string): string =>
  `${what} is not deployed: npx zx playbooks/deploy-environment.ts --env ${env}`
const nameEnvironment = (stack: string): string => stack.replace(/-data$/, '')

/** What runs, which version, and what went wrong lately. On a manager. */
export const showStatus = (
  env: string,
  stacks: readonly string[],
): Sh => sh`for stack in ${stacks}; do
  found="\${found:-}$(
    docker service ls --quiet --filter label=com.docker.stack.namespace="$stack"
  )" || refuse 'the swarm cannot be read'
done
[ -n "$found" ] || refuse ${describeMissing(env, env)}
for stack in ${stacks}; do
  docker service ls --filter label=com.docker.stack.namespace="$stack" \
    --format '{{.Name}}|{{.Replicas}}|{{.Image}}'
done | {
  printf 'SERVICE|TASKS|UPDATE|IMAGE\n'
  while IFS='|' read -r name tasks image; do
    update=$(docker service inspect --format '{{with .UpdateStatus}}{{.State}}{{end}}' "$name")
    printf '%s|%s|%s|%s\n' "$name" "$tasks" "\${update:--}" "$image"
  done
} | awk -F '|' '{
  for (i = 1; i <= NF; i++) {
    cell[NR, i] = $i
    if (length($i) > wide[i]) wide[i] = length($i)
  }
} END {
  for (r = 1; r <= NR; r++) {
    line = ""
    for (i = 1; i < NF; i++) line = line sprintf("%-" wide[i] + 2 "s", cell[r, i])
    print line cell[r, NF]
  }
}'
for stack in ${stacks}; do
  format='{{.Name}}: {{.CurrentState}} on {{.Node}}{{if .Error}}: {{.Error}}{{end}}'
  docker stack ps --no-trunc --format "$format" "$stack" 2>/dev/null |
    grep -v ': Running ' | grep -v -e ': Shutdown .* ago on [^:]*$' | head -n 10
done
exit 0`

/** The last lines of a service's log, and those to come. On a manager. */
export const showLogs = (
  service: FoundService,
  { tail, follow }: { readonly tail: string; readonly follow: boolean },
): Sh =>
  sh`${requireDeployed(service)}
exec docker service logs --raw --tail ${tail} ${follow ? ['--follow'] : []} ${service.full}`

/** Words of the application's image go through its entry point: it reads the secrets. */
const application = ['php', 'worker', 'cron']

/** Runs a command in a service's container. On the server that holds the environment. */
export const execute = (
  service: FoundService,
  words: readonly string[],
  tty: boolean,
): Sh => sh`${findContainer(service)}
exec docker exec --interactive ${tty ? ['--tty'] : []} "$id" ${
  application.includes(service.name) ? ['entrypoint', ...words] : words
}`

/** MariaDB's client, as the administrator: his login is a file in the container. */
export const openShell = (
  service: FoundService,
  database: string,
  tty: boolean,
): Sh => sh`${findContainer(service)}
exec docker exec --interactive ${tty ? ['--tty'] : []} "$id" sh -c ${clientScript} sh ${database}`

/**
 * Leaves the container of a service in `id`, on the server that holds the environment. One that is
 * being stopped still runs for its last seconds: a manager knows which are to go on. Elsewhere the
 * newest is taken.
 */
export const findContainer = ({ full }: FoundService): Sh => sh`id=
for task in $(
  docker service ps --quiet --no-trunc --filter desired-state=running ${full} 2>/dev/null
); do
  id=$(docker ps --quiet --filter label=com.docker.swarm.task.id="$task") || exit
  [ -z "$id" ] || break
done
[ -n "$id" ] ||
  id=$(docker ps --quiet --filter ${`label=com.docker.swarm.service.name=${full}`}) || exit
id=\${id%%
*}
[ -n "$id" ] || { echo ${`no task of ${full} runs here: see status`} >&2; exit 1; }`

/** New tasks in place of those that run, in the service's own order, and well. On a manager. */
export const restart = (service: FoundService): Sh => {
  const { stack, full } = service
  return sh`${requireDeployed(service)}
${rememberTasks(stack)}
docker service update --force --detach --quiet ${full} >/dev/null || exit
${watchStack({ stack, seconds: 420, holds: 15, deployed: true })}
echo ${`${full} was restarted`}`
}
