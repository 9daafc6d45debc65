import {
  change,
  differences,
  type Operation,
  type Output,
  operation,
  Unknown,
  unreadable,
} from '../../operation.ts'
import { sh } from '../../sh.ts'
import { nameLocation } from '../docker/within.ts'
import { defineRedis, type RedisServer } from './cli.ts'

export type Ping = RedisServer & {
  /**
   * The operation that starts the server: while it has a change pending, the answer is unknown.
   * Default: none.
   */
  readonly waitFor?: Operation
  /** How long to wait for an answer, in seconds; Redis loads its data first. Default 60. */
  readonly timeoutSeconds?: number
}

/** A Redis on this host answers its administrator. The only change is to wait for that. */
export const ping = operation('redis.ping', {
  name: (want: Ping) => nameLocation(want),
  probe: want => sh`${defineRedis(want)}
said=$(printf 'PING\n' | redis 2>&1)
printf '%s\n' "\${said:-nothing}"`,
  read: (out: Output): string | Unknown => {
    const said = out.stdout.toString().trim()
    return out.exitCode === 0 && said !== '' ? said : unreadable(out, 'Redis cannot be reached')
  },
  plan: (now, want, { pending }) => {
    const { waitFor: after, timeoutSeconds: seconds = 60 } = want
    if (now !== 'PONG' && after && pending(after)) return new Unknown(`${now}, until ${after.id}`)
    if (/^(NOAUTH|WRONGPASS|NOPERM)/.test(now))
      return new Unknown(`Redis refuses the login: ${now}`)
    return change(
      differences({ answer: now }, { answer: 'PONG' }),
      sh`${defineRedis(want)}
end=$(($(date +%s) + ${seconds}))
until said=$(printf 'PING\n' | redis 2>&1); [ "$said" = PONG ]; do
  [ "$(date +%s)" -lt $end ] || {
    echo ${`Redis does not answer after ${seconds} s:`} "$said" >&2
    exit 1
  }
  sleep 1
done`,
      { seconds: seconds * 3 + 30 },
    )
  },
})
