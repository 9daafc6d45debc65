import { type Sh, sh } from '../../sh.ts'

/** Values by keyword in small letters, as sshd reports them. */
export type Values = Readonly<Record<string, string>>

/** Keywords that newer versions of sshd report by another name. */
const NEW_NAMES: Values = {
  challengeresponseauthentication: 'kbdinteractiveauthentication',
  hostbasedacceptedkeytypes: 'hostbasedacceptedalgorithms',
  keepalive: 'tcpkeepalive',
  pubkeyacceptedkeytypes: 'pubkeyacceptedalgorithms',
  skeyauthentication: 'kbdinteractiveauthentication',
}

/** Prints `= KEYWORD VALUE` for each of these keywords in `$all`, what sshd uses. */
export const printValues = (wanted: Values): Sh => select(wanted, sh`"$all"`, '=')

/**
 * Prints `+ KEYWORD VALUE` as sshd would report the wanted settings: it writes `2m` as 120, and
 * takes `-aes128-ctr` away from its list. Prints nothing if sshd does not accept them.
 */
export const printWanted = (content: string, wanted: Values): Sh =>
  Object.values(wanted).every(value => /^(?:yes|no|without-password)$/.test(value))
    ? sh`:`
    : sh`own=$(printf %s ${content} | sshd -T -f /dev/stdin 2>/dev/null) || own=
${select(wanted, sh`"$own"`, '+')}`

const select = (wanted: Values, text: Sh, sign: string): Sh =>
  sh`printf '%s\n' ${text} | KEYS=${` ${listNames(wanted).join(' ')} `} \
  awk ${`index(ENVIRON["KEYS"], " " $1 " ") {print "${sign}", $0}`}`

const listNames = (wanted: Values): readonly string[] =>
  Object.keys(wanted).flatMap(key => [key, NEW_NAMES[key] ?? []].flat())

/** Reads what was printed with this sign. sshd prints several values in one line or in several. */
export const readValues = (lines: readonly string[], sign: '=' | '+'): Values => {
  const values: Record<string, string> = {}
  for (const line of lines.filter(line => line.startsWith(`${sign} `))) {
    const [, key = '', value = ''] = /^\S (\S+) ?(.*)$/.exec(line) ?? []
    values[key] = normalizeValue(key in values ? `${values[key]} ${value}` : value)
  }
  return values
}

/** The values of the wanted keywords, those that are reported by their new name too. */
export const pickValues = (values: Values, wanted: Values): Values =>
  Object.fromEntries(
    Object.keys(wanted).flatMap(key => {
      const value = values[key] ?? values[NEW_NAMES[key] ?? key]
      return value === undefined ? [] : [[key, value]]
    }),
  )

/** Writes a value as it is compared: without case, and by the older of two names for one thing. */
export const normalizeValue = (value: string): string =>
  value
    .trim()
    .toLowerCase()
    .replace(/^prohibit-password$/, 'without-password')
