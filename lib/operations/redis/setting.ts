import { OptionError } from '../../errors/option-error.ts'
import { change, differences, operation, type Unknown, unreadable } from '../../operation.ts'
import { sh } from '../../sh.ts'
import { nameLocation } from '../docker/within.ts'
import { defineRedis, type RedisServer } from './cli.ts'
import { isSameValue, parseBytes } from './same-value.ts'

export type RedisSetting = RedisServer & {
  /**
   * A parameter of redis.conf that can change while the server runs: `maxmemory-policy`. Passwords
   * are refused: set them in the configuration file.
   */
  readonly name: string
  /** Its value; memory as a number of bytes or as `256mb`. */
  readonly value: string | number
}

/**
 * A parameter of a Redis on this host has this value. Redis also writes it to its configuration
 * file; if it has none that it may write, the value lasts until Redis restarts.
 */
export const setting = operation('redis.setting', {
  check: (want: RedisSetting) => {
    if (!/^[a-z][a-z0-9-]*$/.test(want.name))
      throw new OptionError({
        message: `${JSON.stringify(want.name)} is not a parameter's name`,
        next: 'write it as in redis.conf, such as maxmemory-policy',
      })
    if (/pass|masterauth|masteruser/.test(want.name))
      throw new OptionError({
        message: `${want.name} is a secret, which this cannot set`,
        next: "set it in Redis's configuration file",
      })
  },
  name: (want: RedisSetting) => `${want.name} of ${nameLocation(want)}`,
  probe: want => sh`${defineRedis(want)}
printf '%s\n' ${`CONFIG GET ${want.name}`} | redis`,
  read: (out, { name }): string | Unknown => {
    const [key, ...value] = out.stdout.toString().replace(/\n$/, '').split('\n')
    if (out.exitCode === 0 && key === name) return value.join('\n')
    const said = out.stdout.toString().trim()
    return unreadable(
      { ...out, stderr: out.stderr || said },
      said === '' && out.exitCode === 0
        ? `Redis has no parameter ${name}`
        : 'the parameter cannot be read',
    )
  },
  plan: (now, want) =>
    change(
      isSameValue(want.name, now, String(want.value))
        ? []
        : differences({ [want.name]: now }, { [want.name]: formatValue(want.value, now) }),
      sh`${defineRedis(want)}
said=$(printf '%s\n' ${`CONFIG SET ${want.name} ${quoteWord(String(want.value))}`} | redis) || exit
[ "$said" = OK ] || { printf '%s\n' "$said" >&2; exit 1; }
# Fails without a configuration file, or with one that Redis may not write.
printf 'CONFIG REWRITE\n' | redis >/dev/null || :`,
    ),
})

/** Writes an amount as bytes, as the present one. */
const formatValue = (value: string | number, now: string): string =>
  /^\d+$/.test(now) ? parseBytes(String(value)) : String(value)

/** Quotes a word for Redis. */
const quoteWord = (value: string): string =>
  `"${value.replace(/[\\"]/g, '\\$&').replaceAll('\n', '\\n')}"`
