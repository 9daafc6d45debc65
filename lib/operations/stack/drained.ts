import { change, operation, unreadable } from '../../operation.ts'
import { sh } from '../../sh.ts'
import { stackLabel } from '../docker/api.ts'

export type Drained = {
  /** The stack's name. */
  readonly name: string
  /** The number of its tasks on this node. */
  readonly tasks: number
  /** How long tasks of the previous version may take to end, in seconds. Default 330. */
  readonly timeoutSeconds?: number
}

/**
 * No container of an earlier version of the stack runs on this node. Containers that are stopping
 * still serve with the values they were started with.
 */
export const drained = operation('stack.drained', {
  name: ({ name }: Drained) => name,
  probe: ({
    name,
  }) => sh`command -v docker >/dev/null || { echo 'Docker is not installed' >&2; exit 3; }
${listRunning(name)} || exit
printf '%s\n' "$all" | grep -c . || :`,
  read: out =>
    out.exitCode === 0 && /^\d+\n$/.test(out.stdout.toString())
      ? Number(out.stdout.toString())
      : unreadable(out),
  plan: (now, { name, tasks, timeoutSeconds: seconds = 330 }) =>
    change(
      now <= tasks ? [] : [{ key: 'containers', before: String(now), after: String(tasks) }],
      sh`tries=0
while ${listRunning(name)}; do
  [ "$(printf '%s\n' "$all" | grep -c .)" -gt ${tasks} ] || exit 0
  tries=$((tries + 1)); [ $tries -lt ${seconds} ] || {
    echo ${`still there after ${seconds} s:`} $all >&2
    exit 1
  }
  sleep 1
done
exit 1`,
      { seconds: seconds + 60 },
    ),
})

const listRunning = (name: string) =>
  sh`all=$(docker ps --quiet --filter ${`label=${stackLabel}=${name}`})`
