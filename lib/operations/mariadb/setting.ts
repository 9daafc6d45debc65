import { OptionError } from '../../errors/option-error.ts'
import { change, differences, operation, type Unknown, unreadable } from '../../operation.ts'
import { sh } from '../../sh.ts'
import { nameLocation } from '../docker/within.ts'
import { defineSql, type MariadbServer, quoteText } from './container.ts'

export type MariadbSetting = MariadbServer & {
  /** A global variable that can be set while the server runs: `max_connections`. */
  readonly name: string
  /** Its value. Bytes and seconds are plain numbers; true is ON. */
  readonly value: string | number | boolean
}

/**
 * A global variable of a MariaDB on this host has this value until the server restarts. To keep it
 * longer, set it in the server's configuration too.
 */
export const setting = operation('mariadb.setting', {
  check: (want: MariadbSetting) => {
    if (!/^[a-z]\w*$/i.test(want.name))
      throw new OptionError({
        message: `${JSON.stringify(want.name)} is not a variable's name`,
        next: 'use a global variable such as max_connections',
      })
  },
  name: (want: MariadbSetting) => `${want.name} of ${nameLocation(want)}`,
  probe: want => sh`${defineSql(want)}
now=$(printf '%s' ${`SELECT @@GLOBAL.${want.name}`} | sql) && printf 'value %s\n' "$now"`,
  read: (out): string | Unknown => {
    const text = out.stdout.toString().replace(/\n$/, '')
    return out.exitCode === 0 && text.startsWith('value ')
      ? text.slice(6)
      : unreadable(out, 'the variable cannot be read')
  },
  plan: (now, want) =>
    change(
      readSwitch(now) !== null && readSwitch(now) === readSwitch(want.value)
        ? []
        : differences({ [want.name]: now }, { [want.name]: formatValue(want.value) }),
      sh`${defineSql(want)}
sql`,
      { stdin: `SET GLOBAL ${want.name} = ${quoteLiteral(want.value)};\n` },
    ),
})

const quoteLiteral = (value: string | number | boolean): string =>
  typeof value === 'string' ? quoteText(value) : formatValue(value)

/** A switch is ON or 1, by the variable: event_scheduler returns words, slow_query_log numbers. */
const readSwitch = (value: string | number | boolean): boolean | null => {
  if (typeof value !== 'string') return typeof value === 'boolean' ? value : null
  if (/^(?:on|true|1)$/i.test(value)) return true
  return /^(?:off|false|0)$/i.test(value) ? false : null
}

/** Writes a value as MariaDB returns it: a switch is 1 or 0. */
const formatValue = (value: string | number | boolean): string =>
  typeof value === 'boolean' ? (value ? '1' : '0') : String(value)
