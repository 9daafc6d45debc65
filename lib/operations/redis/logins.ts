import { operation } from '../../operation.ts'
import { Secret } from '../../secret.ts'
import { type Sh, sh } from '../../sh.ts'
import { within } from '../docker/within.ts'
import { once } from '../once.ts'

export type RedisLogin = {
  /** The service's full name; its task is on this node. */
  readonly service: string
  /** Its name; the application's is `default`. */
  readonly user: string
  /** What it is tried with. */
  readonly password: Secret
  /** A keyed hash of the password: with another it is tried again. */
  readonly mark: string
}

/** It was shown that Redis lets this user in with this password. */
export const accepts = operation('redis.accepts', {
  from: (want: RedisLogin, meta) =>
    once(
      {
        name: `${want.user} logs in to ${want.service}`,
        mark: want.mark,
        run: answered(want, 'OK'),
        stdin: login(want),
      },
      meta,
    ),
})

/** It was shown that Redis refuses this user with this password. */
export const refuses = operation('redis.refuses', {
  from: (want: RedisLogin, meta) =>
    once(
      {
        name: `${want.user} is refused by ${want.service}`,
        mark: want.mark,
        run: answered(want, 'WRONGPASS'),
        stdin: login(want),
      },
      meta,
    ),
})

const login = ({ user, password }: RedisLogin): Secret =>
  new Secret(`AUTH ${user} ${password.reveal()}\n`, `a login with ${password.name}`)

const answered = ({ service }: RedisLogin, word: string): Sh => sh`${within({ service })}
said=$(within redis-cli 2>&1) || { printf '%s\n' "$said" >&2; exit 1; }
case $said in ${word}*) ;; *) printf 'Redis answers: %s\n' "$said" >&2; exit 1 ;; esac`
