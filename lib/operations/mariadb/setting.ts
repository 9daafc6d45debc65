import { change, differences, operation, type Unknown, unreadable } from '../../operation.ts'
import { sh } from '../../sh.ts'
import { placeOf } from '../docker/within.ts'
import { type Server, sql, text } from './container.ts'

export type Setting = Server & {
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
  check: (want: Setting) => {
    if (!/^[a-z]\w*$/i.test(want.name))
      throw new Error(`mariadb.setting: ${JSON.stringify(want.name)} is no variable's name`)
  },
  name: (want: Setting) => `${want.name} of ${placeOf(want)}`,
  probe: want => sh`${sql(want)}
now=$(printf '%s' ${`SELECT @@GLOBAL.${want.name}`} | sql) && printf 'value %s\n' "$now"`,
  read: (out): string | Unknown => {
    const text = out.stdout.toString().replace(/\n$/, '')
    return out.rc === 0 && text.startsWith('value ')
      ? text.slice(6)
      : unreadable(out, 'the variable cannot be read')
  },
  plan: (now, want) =>
    change(
      differences({ [want.name]: now }, { [want.name]: plain(want.value) }),
      sh`${sql(want)}
sql`,
      { stdin: `SET GLOBAL ${want.name} = ${literal(want.value)};\n` },
    ),
})

const literal = (value: string | number | boolean): string =>
  typeof value === 'string' ? text(value) : plain(value)

/** Writes a value as MariaDB returns it: a switch is 1 or 0. */
const plain = (value: string | number | boolean): string =>
  typeof value === 'boolean' ? (value ? '1' : '0') : String(value)
