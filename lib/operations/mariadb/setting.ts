import { OptionError } from '../../errors/option-error.ts'
import { change, differences, operation, Unknown, unreadable } from '../../operation.ts'
import { sh } from '../../sh.ts'
import { nameLocation } from '../docker/within.ts'
import { defineSql, type MariadbServer, quoteText } from './container.ts'
import { explainRange, isSameVariable, type Variable } from './variable.ts'

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
type=$(printf '%s' ${selectType(want.name)} | sql) && printf 'type %s\n' "$type" || exit
now=$(printf '%s' ${`SELECT @@GLOBAL.${want.name}`} | sql) && printf 'value %s\n' "$now"`,
  read: (out): Variable | Unknown => {
    const [, line = '', value] =
      /^(?:type ([^\n]*)\n)?value (.*?)\n?$/s.exec(out.stdout.toString()) ?? []
    if (out.exitCode !== 0 || value === undefined)
      return unreadable(out, 'the variable cannot be read')
    const [type = '', min = '', max = '', block = '', byDefault = ''] = line.split('\t')
    return { type, value, min, max, block, byDefault }
  },
  plan: (now, want) => {
    const outside = explainRange(now, String(want.value))
    if (outside !== null) return new Unknown(outside)
    return change(
      isSameVariable(want.name, now, want.value)
        ? []
        : differences({ [want.name]: now.value }, { [want.name]: formatValue(want.value) }),
      sh`${defineSql(want)}
sql`,
      { stdin: `SET GLOBAL ${want.name} = ${quoteLiteral(want.value)};\n` },
    )
  },
})

const selectType = (name: string): string =>
  `SELECT VARIABLE_TYPE, NUMERIC_MIN_VALUE, NUMERIC_MAX_VALUE, NUMERIC_BLOCK_SIZE,
IF(VARIABLE_TYPE = 'FLAGSET', DEFAULT_VALUE, '')
FROM information_schema.SYSTEM_VARIABLES WHERE VARIABLE_NAME = ${quoteText(name)}`

const quoteLiteral = (value: string | number | boolean): string =>
  typeof value === 'string' ? quoteText(value) : formatValue(value)

/** Writes a value as MariaDB returns it: a switch is 1 or 0. */
const formatValue = (value: string | number | boolean): string =>
  typeof value === 'boolean' ? (value ? '1' : '0') : String(value)
