import type { ComposeService } from '../compose/compose.ts'
import { resolveRunName } from '../compose/image.ts'
import { type Hmac, hashJson, nameSecret } from '../compose/names.ts'
import { listNetworks } from '../compose/service-facts.ts'
import { change, operation, unreadable } from '../operation.ts'
import { Secret } from '../secret.ts'
import { sh } from '../sh.ts'
import { stackLabel } from './docker/api.ts'
import { writeMark } from './file/mark.ts'

export type Job = {
  /** The name of the swarm service that runs it. */
  readonly name: string
  /** The stack whose secrets and volumes it uses. */
  readonly stack: string
  /** The service to run. Of its `deploy`, placement and limits are used. */
  readonly service: ComposeService
  /** Secrets that the service mounts, by their names in the stack. */
  readonly secrets: Readonly<Record<string, Secret>>
  /** The keyed hash that names the secrets, as for the stack. */
  readonly hmac: Hmac
  /** How long it may take, in seconds. Default 600. */
  readonly timeoutSeconds?: number
}

const folder = '/var/lib/brd/jobs'

/**
 * A command has run once on the swarm, with success, in this image and with these arguments; for a
 * manager, which keeps the record. If it fails, the error shows its last lines of log, and the
 * operations listed after it do not run.
 */
export const job = operation('job', {
  name: ({ name }: Job) => name,
  probe: ({ name }) => sh`cat ${`${folder}/${name}`} 2>/dev/null || echo never`,
  read: out => (out.exitCode === 0 ? out.stdout.toString().trim() : unreadable(out)),
  plan: (now, want) => {
    const { image, command = [] } = want.service
    const hash = hashJson([image, command, want.service.deploy.placement])
    const after = `${hash} ${image}: ${command.join(' ')}`
    const secrets = Object.entries(want.secrets).map(
      ([key, secret]) => [nameSecret(want.stack, key, secret, want.hmac), secret] as const,
    )
    return change(
      now === after ? [] : [{ key: 'run', before: stripHash(now), after: stripHash(after) }],
      runJob(
        want,
        after,
        secrets.map(([name]) => name),
      ),
      {
        // One line of base64 for each secret.
        stdin: secrets.flatMap(([, secret]) => [
          new Secret(Buffer.from(secret.reveal()).toString('base64'), secret.name),
          '\n',
        ]),
        seconds: (want.timeoutSeconds ?? 600) + 60,
      },
    )
  },
})

const stripHash = (line: string): string => line.replace(/^[0-9a-f]{12} /, '')

const runJob = (
  want: Job,
  proof: string,
  secrets: readonly string[],
) => sh`for name in ${secrets}; do
  read -r line || exit
  docker secret inspect "$name" >/dev/null 2>&1 || printf '%s' "$line" | base64 -d |
    docker secret create --label ${`${stackLabel}=${want.stack}`} "$name" - >/dev/null || exit
done
docker service rm ${want.name} >/dev/null 2>&1
docker service create --quiet --detach --name ${want.name} --mode replicated-job \
  --restart-condition none --endpoint-mode dnsrr --with-registry-auth \
  ${formatOptions(want)} >/dev/null || exit
tries=0 state='not started'
while tries=$((tries + 1)); [ $tries -lt ${want.timeoutSeconds ?? 600} ]; do
  task=$(docker service ps --no-trunc --format '{{.CurrentState}}|{{.Error}}' ${want.name}) || exit
  state=\${task%%
*}
  case $state in Complete* | Failed* | Rejected* | Shutdown*) break ;; esac
  sleep 1
done
docker service logs --raw ${want.name} 2>&1 | tail -n 20 >&2
docker service rm ${want.name} >/dev/null
case $state in Complete*) ;; *) echo "the command failed: $state" >&2; exit 1 ;; esac
${writeMark(`${folder}/${want.name}`, sh`${proof}`)}`

/** Writes the service as options of `docker service create`. */
const formatOptions = ({ stack, service, secrets, hmac }: Job): readonly string[] => {
  const { image, entrypoint, command = [], environment = {}, user, deploy } = service
  const { memory, cpus } = deploy.resources?.limits ?? {}
  return [
    ...(entrypoint ? ['--entrypoint', entrypoint.join(' ')] : []),
    ...(user === undefined ? [] : ['--user', user]),
    ...Object.entries(environment).flatMap(([name, value]) => ['--env', `${name}=${value}`]),
    ...listNetworks(service).flatMap(([name]) => ['--network', name]),
    ...(deploy.placement?.constraints ?? []).flatMap(constraint => ['--constraint', constraint]),
    ...(memory === undefined ? [] : ['--limit-memory', memory]),
    ...(cpus === undefined ? [] : ['--limit-cpu', cpus]),
    ...(service.volumes ?? []).flatMap(mount =>
      mount.type === 'volume'
        ? ['--mount', `type=volume,source=${stack}_${mount.source},target=${mount.target}`]
        : [],
    ),
    ...(service.secrets ?? []).flatMap(({ source, target = source }) => [
      '--secret',
      `source=${nameSecret(stack, source, secrets[source] as Secret, hmac)},target=${target}`,
    ]),
    resolveRunName(image),
    ...command,
  ]
}
