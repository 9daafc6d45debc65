import { Secret } from '../../secret.ts'
import { sh } from '../../sh.ts'
import { defineWithin } from '../docker/within.ts'
import { makeLogins } from '../runOnce/logins.ts'

export type RedisLogin = {
  /** The service's full name; its task must be on this node. */
  readonly service: string
  /** The user's name; the application's is `default`. */
  readonly user: string
  /** The password to try. */
  readonly password: Secret
  /** A keyed hash of the password: another password is tried again. */
  readonly version: string
}

const redisLogins = makeLogins<RedisLogin>('redis', {
  describe: ({ user, service }) => [user, service],
  attempt: ({ service }) => sh`${defineWithin({ service })}
said=$(within redis-cli 2>&1) && rc=0 || rc=$?`,
  isAccepted: sh`case $rc.$said in 0.OK*) ;; *) false ;; esac`,
  isRefused: sh`case $rc.$said in 0.WRONGPASS*) ;; *) false ;; esac`,
  stdin: ({ user, password }) =>
    new Secret(`AUTH ${user} ${password.reveal()}\n`, `a login with ${password.name}`),
})

/** Redis accepts this user with this password. It is tried once for each version. */
export const accepts = redisLogins.accepts

/** Redis refuses this user with this password. It is tried once for each version. */
export const refuses = redisLogins.refuses
