import type { ComposeService } from '../compose/compose.ts'
import { resolveRunName } from '../compose/image.ts'
import { type Hmac, hashJson, nameSecret } from '../compose/names.ts'
import { listNetworks } from '../compose/service-facts.ts'
import { change, operation, unreadable } from '../operation.ts'
import { Secret } from '../secret.ts'
import { type Sh, sh } from '../sh.ts'
import { stackLabel } from './docker/api.ts'
import { printMark, writeMark } from './file/mark.ts'
import { transient } from './job/transient.ts'

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
  /**
   * How long a run waits for it, in seconds. One that takes longer goes on, and the next run waits
   * for it again. Default 600.
   */
  readonly timeoutSeconds?: number
}

const folder = '/var/lib/brd/jobs'

/**
 * A command has run once on the swarm, with success, in this image and with these arguments; for a
 * manager, which keeps the record. If it fails, the error shows its last lines of log, and the
 * operations listed after it do not run. One that is still under way, after a lost link, is awaited
 * and never started a second time.
 */
export const job = Object.assign(
  operation('job', {
    name: ({ name }: Job) => name,
    probe: ({ name }) => printMark(`${folder}/${name}`, 'never'),
    read: out => {
      const mark = out.stdout.toString().trim()
      return out.exitCode === 0 && mark !== '' ? mark : unreadable(out)
    },
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
          hash,
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
  }),
  {
    /** Long work is done on the host, as a unit of systemd that no session holds. */
    transient,
  },
)

const stripHash = (line: string): string => line.replace(/^[0-9a-f]{12} /, '')

const LABEL = 'brd.job'

/**
 * Starts the service, or takes up the one that an earlier run started for the same: a command that
 * is under way is never removed. What was done is on record before the service goes.
 */
const runJob = (
  want: Job,
  hash: string,
  proof: string,
  secrets: readonly string[],
): Sh => sh`for name in ${secrets}; do
  read -r line || exit
  docker secret inspect "$name" >/dev/null 2>&1 || printf '%s' "$line" | base64 -d |
    docker secret create --label ${`${stackLabel}=${want.stack}`} "$name" - >/dev/null || exit
done
look() {
  task=$(docker service ps --no-trunc --format '{{.CurrentState}}|{{.Error}}' ${want.name}) || exit
  state=\${task%%
*}
  [ -n "$state" ] || state='not started'
}
ended() { case $state in Complete* | Failed* | Rejected* | Shutdown*) ;; *) return 1 ;; esac; }
all=$(docker service ls --filter ${`name=${want.name}`} --format '{{.Name}}') || exit
there=
if printf '%s\n' "$all" | grep -qxF -e ${want.name}; then
  of=$(docker service inspect --format ${`{{index .Spec.Labels "${LABEL}"}}`} ${want.name}) || exit
  look
  case $of$state in
    ${hash}Complete*) there=yes ;;
    *)
      if ended; then docker service rm ${want.name} >/dev/null || exit
      elif [ "$of" = ${hash} ]; then there=yes
      else
        echo ${`another command of ${want.name} is under way`} "($state):" \
          ${`wait for its end, or end it with docker service rm ${want.name}`} >&2
        exit 1
      fi ;;
  esac
fi
[ -n "$there" ] ||
  docker service create --quiet --detach --name ${want.name} \
  --label ${`${LABEL}=${hash}`} --mode replicated-job \
  --restart-condition none --endpoint-mode dnsrr --with-registry-auth \
  ${formatOptions(want)} >/dev/null || exit
clock() { read -r up _ </proc/uptime; up=\${up%%.*}; }
clock; start=$up
while look; ! ended; do
  clock
  [ $((up - start)) -lt ${want.timeoutSeconds ?? 600} ] || {
    docker service logs --raw ${want.name} 2>&1 | tail -n 20 >&2
    echo ${`the command still runs after ${want.timeoutSeconds ?? 600} s`} "($state);" \
      'it goes on, and the next run waits for it' >&2
    exit 1
  }
  sleep 1
done
docker service logs --raw ${want.name} 2>&1 | tail -n 20 >&2
case $state in Complete*) ;; *)
  docker service rm ${want.name} >/dev/null
  echo "the command failed: $state" >&2
  exit 1 ;;
esac
( ${writeMark(`${folder}/${want.name}`, sh`${proof}`)} ) || exit 1
docker service rm ${want.name} >/dev/null || :`

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
