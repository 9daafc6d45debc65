import { change, operation, unreadable } from '../../operation.ts'
import { sh } from '../../sh.ts'
import { stackLabel } from '../docker/api.ts'
import { forgetRecords, listRecords } from './record.ts'

export type AbsentStack = {
  /** The stack's name. */
  readonly name: string
  /** `absent`: its services, networks, configs and secrets are removed; its volumes stay. */
  readonly state: 'absent'
  /**
   * How long its tasks may take to stop, in seconds. Default 330: MariaDB may take five minutes.
   */
  readonly timeoutSeconds?: number
}

/** The cluster has no service, network, config or secret of the stack. Its volumes stay. */
export const absentStack = operation('stack', {
  name: ({ name }: AbsentStack) => name,
  probe: ({ name }) => sh`${printObjects(name)}
${listRecords(name)}`,
  read: out =>
    out.exitCode === 0
      ? out.stdout
          .toString()
          .split('\n')
          .filter(line => line !== '')
      : unreadable(out, 'the stack cannot be read'),
  plan: (now, { name, timeoutSeconds: seconds = 330 }) =>
    change(
      now.map(line => ({ key: line, before: 'there', after: null })),
      // `docker stack rm` returns before it has removed the networks, on which a deploy that
      // follows would fail.
      sh`left=$(${printObjects(name)}) || exit
[ -z "$left" ] || docker stack rm ${name} >/dev/null || exit
tries=0
while left=$(
  ${printObjects(name)}
  docker ps --all --quiet --filter ${`label=${stackLabel}=${name}`}
) || exit; [ -n "$left" ]; do
  tries=$((tries + 1)); [ $tries -lt ${seconds} ] || {
    echo "still there after ${seconds} s: $left" >&2
    exit 1
  }
  # stack rm leaves a network that a container still uses.
  [ $((tries % 10)) -ne 0 ] || docker stack rm ${name} >/dev/null 2>&1
  sleep 1
done
${forgetRecords(name)}`,
      { seconds: seconds + 60 },
    ),
  probeSeconds: 30,
})

const printObjects = (name: string) => sh`{
  for kind in service network config secret; do
    docker $kind ls --filter ${`label=${stackLabel}=${name}`} --format "$kind {{.Name}}" || exit
  done
}`
