import { change, differences, operation, type Unknown, unreadable } from '../../operation.ts'
import { sh } from '../../sh.ts'
import { placeOf } from '../docker/within.ts'
import { redisCli, type Server } from './cli.ts'

export type Setting = Server & {
  /**
   * A parameter of redis.conf that can be set while it runs: `maxmemory-policy`. Passwords are
   * refused: they belong in its configuration.
   */
  readonly name: string
  /** Memory as a number of bytes, or as `256mb`. */
  readonly value: string | number
}

const makeSetting = operation('redis.setting', {
  name: (want: Setting) => `${want.name} of ${placeOf(want)}`,
  probe: want => sh`${redisCli(want)}
printf '%s\n' ${`CONFIG GET ${want.name}`} | redis`,
  read: (out, { name }): string | Unknown => {
    const [key, ...value] = out.stdout.toString().replace(/\n$/, '').split('\n')
    if (out.rc === 0 && key === name) return value.join('\n')
    const said = out.stdout.toString().trim()
    return unreadable(
      { ...out, stderr: out.stderr || said },
      said === '' && out.rc === 0
        ? `Redis has no parameter ${name}`
        : 'the parameter cannot be read',
    )
  },
  plan: (now, want) =>
    change(
      differences({ [want.name]: now }, { [want.name]: bytes(String(want.value), now) }),
      sh`${redisCli(want)}
said=$(printf '%s\n' ${`CONFIG SET ${want.name} ${word(String(want.value))}`} | redis) || exit
[ "$said" = OK ] || { printf '%s\n' "$said" >&2; exit 1; }
# Without a file of its own, or with one that it may not write, it lasts until Redis restarts.
printf 'CONFIG REWRITE\n' | redis >/dev/null || :`,
    ),
})

/**
 * A parameter of a Redis that runs on this host has this value. It is written to Redis's own
 * configuration file too where Redis has one that it may write; otherwise it
 * lasts until Redis restarts.
 */
export const setting = (want: Setting, meta = {}) => {
  if (!/^[a-z][a-z0-9-]*$/.test(want.name))
    throw new Error(`redis.setting: ${JSON.stringify(want.name)} is no parameter's name`)
  if (/pass|masterauth|masteruser/.test(want.name))
    throw new Error(
      `redis.setting: ${want.name} is a secret: it belongs in Redis's configuration file`,
    )
  return makeSetting(want, meta)
}

/** An amount of memory as Redis tells it, where it tells a number. */
const bytes = (value: string, now: string): string => {
  const [, count, of] = /^(\d+)([kmg]b?)$/i.exec(value) ?? []
  const power = { k: 1e3, kb: 1024, m: 1e6, mb: 1024 ** 2, g: 1e9, gb: 1024 ** 3 }[
    of?.toLowerCase() ?? ''
  ]
  return count && power && /^\d+$/.test(now) ? String(Number(count) * power) : value
}

/** A word of Redis's own quoting. */
const word = (value: string): string =>
  `"${value.replace(/[\\"]/g, '\\$&').replaceAll('\n', '\\n')}"`
