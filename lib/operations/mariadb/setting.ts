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

/** Its value as the server returns it, and its type as the server knows it, such as ENUM. */
type Now = { readonly type: string; readonly value: string }

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
type=$(printf '%s' ${selectType(want.name)} | sql) && printf 'type %s\n' "$type" || exit
now=$(printf '%s' ${`SELECT @@GLOBAL.${want.name}`} | sql) && printf 'value %s\n' "$now"`,
  read: (out): Now | Unknown => {
    const [, type = '', value] =
      /^(?:type ([\w ]*)\n)?value (.*?)\n?$/s.exec(out.stdout.toString()) ?? []
    return out.exitCode === 0 && value !== undefined
      ? { type, value }
      : unreadable(out, 'the variable cannot be read')
  },
  plan: (now, want) =>
    change(
      isSame(now, want.value)
        ? []
        : differences({ [want.name]: now.value }, { [want.name]: formatValue(want.value) }),
      sh`${defineSql(want)}
sql`,
      { stdin: `SET GLOBAL ${want.name} = ${quoteLiteral(want.value)};\n` },
    ),
})

const selectType = (name: string): string =>
  'SELECT VARIABLE_TYPE FROM information_schema.SYSTEM_VARIABLES ' +
  `WHERE VARIABLE_NAME = ${quoteText(name)}`

/** Compares values as the server does: the words of an enumeration or a set have no case. */
const isSame = ({ type, value }: Now, want: MariadbSetting['value']): boolean => {
  const [before, after] = [value.toLowerCase(), formatValue(want).toLowerCase()]
  if (readSwitch(value) !== null && readSwitch(value) === readSwitch(want)) return true
  if (type === 'ENUM') return before === after
  if (type === 'DOUBLE') return after.trim() !== '' && Number(before) === Number(after)
  if (type !== 'SET') return value === formatValue(want)
  return sortWords(before) === sortWords(after)
}

const sortWords = (list: string): string =>
  [...new Set(list.split(',').map(word => word.trim()))].sort().join(',')

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
