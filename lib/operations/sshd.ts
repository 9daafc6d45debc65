import { OptionError } from '../errors/option-error.ts'
import { change, type Diff, differences, type Output, operation, Unknown } from '../operation.ts'
import { sh } from '../sh.ts'
import {
  completeFile,
  diffFile,
  printFile,
  putFile,
  readFile,
  type WantedFile,
} from './file/content.ts'
import { service } from './service.ts'
import { proveLogin, setLoginUser } from './sshd/proof.ts'

export type Sshd = {
  /**
   * Keywords of sshd_config(5) with their values, several as a list. Other keywords are left alone.
   */
  readonly settings: Readonly<Record<string, string | number | readonly string[]>>
  /** The user who must still be able to log in with a key. Default: the user of this connection. */
  readonly login?: string
}

/** sshd uses the first value it reads: this name sorts before those of clouds and installers. */
const PATH = '/etc/ssh/sshd_config.d/00-hardening.conf'

type Values = Readonly<Record<string, string>>
type Want = WantedFile & { readonly effective: Values; readonly login: string }

const config = operation('sshd', {
  want: ({ settings, login = '' }: Sshd): Want => {
    for (const [key, value] of Object.entries(settings))
      if (!/^[A-Za-z0-9]+$/.test(key) || /[\n\0]/.test(String(value)))
        throw new OptionError({
          message: `${JSON.stringify(key)} is not a keyword with values of one line`,
          next: 'write it as in sshd_config(5), such as PasswordAuthentication',
        })
    if (!/^[\w.-]*$/.test(login))
      throw new OptionError({
        message: `${JSON.stringify(login)} is not a user's name`,
        next: 'use the name of a user of the host, or leave login out',
      })
    const content = Object.entries(settings)
      .map(([key, value]) => `${key} ${[value].flat().join(' ')}\n`)
      .join('')
    const effective = Object.fromEntries(
      Object.entries(settings).map(([key, value]) => [
        key.toLowerCase(),
        normalizeValue([value].flat().join(' ')),
      ]),
    )
    return { ...completeFile({ path: PATH, content, mode: '600' }), effective, login }
  },
  name: ({ path }) => path,
  paths: ({ path }) => [path],
  probe: want => sh`${setLoginUser(want.login)}
all=$(sshd -T -C user="$user",host=localhost,addr=127.0.0.1) || exit 1
echo "$all" | KEYS=${` ${Object.keys(want.effective).join(' ')} `} \
  awk 'index(ENVIRON["KEYS"], " " $1 " ") {print "=", $0}'
${printFile(want)}`,
  read: out => {
    const lines = selectEffective(out)
    const file = readFile(out, lines.length)
    if (file instanceof Unknown) return file
    return { effective: readValues(lines), file } // sshd does not print a keyword without a value
  },
  plan: (now, want) => {
    const values = differences(now.effective, want.effective)
    const file = diffFile(now.file, want)
    if (file instanceof Unknown) return file
    if (file.length === 0 && values.length > 0) return new Unknown(explainOverride(values))
    const { apply, writes } = putFile(file, want)
    return change(
      [...values, ...file],
      writes ? proveLogin(want) : apply,
      writes ? { stdin: want.content, seconds: 90 } : {},
    )
  },
})

/**
 * sshd runs with these settings, as it reports them. Before they replace the old ones, a second
 * sshd on the loopback reads them, and the login user logs in to it with a key: settings that would
 * lock the user out are refused.
 */
export const sshd = operation('sshd', {
  from: (want: Sshd, meta) => {
    const settings = config(want, meta)
    return [settings, service({ name: 'ssh', reloadOn: [settings] }, meta)]
  },
})

const selectEffective = (out: Output): readonly string[] =>
  out.stdout
    .toString('latin1')
    .split('\n')
    .filter(line => line.startsWith('= '))

/** Reads the settings. sshd prints several values of a keyword in one line or in several. */
const readValues = (lines: readonly string[]): Values => {
  const values: Record<string, string> = {}
  for (const line of lines) {
    const [, key = '', value = ''] = /^= (\S+) ?(.*)$/.exec(line) ?? []
    values[key] = normalizeValue(key in values ? `${values[key]} ${value}` : value)
  }
  return values
}

const normalizeValue = (value: string): string =>
  value
    .trim()
    .toLowerCase()
    .replace(/^prohibit-password$/, 'without-password')

const explainOverride = (values: Diff): string =>
  [
    'the file is right, but sshd would still use',
    `${values.map(({ key, before }) => `${key} ${before}`).join(', ')}:`,
    'remove it from before the Include in /etc/ssh/sshd_config, or from a Match block',
  ].join(' ')
