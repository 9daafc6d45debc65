import { OptionError } from '../errors/option-error.ts'
import { change, type Diff, differences, type Output, operation, Unknown } from '../operation.ts'
import { sh } from '../sh.ts'
import { setConnection, setLoginUser } from './access/login.ts'
import { printUnproven } from './access/take-back.ts'
import {
  completeFile,
  diffFile,
  printFile,
  putFile,
  readFile,
  type WantedFile,
} from './file/content.ts'
import { service } from './service.ts'
import { type BlockValue, printBlocks, readBlocks } from './sshd/blocks.ts'
import { proveLogin, setDaemonOptions } from './sshd/proof.ts'
import {
  normalizeValue,
  pickValues,
  printValues,
  printWanted,
  readValues,
  type Values,
} from './sshd/values.ts'

export type Sshd = {
  /**
   * Keywords of sshd_config(5) with their values, several as a list. Other keywords are left alone.
   */
  readonly settings: Readonly<Record<string, string | number | readonly string[]>>
  /** The user who must still be able to log in with a key. Default: the user of this connection. */
  readonly login?: string
  /**
   * The criteria of Match blocks that may set other values, as they are written: `Group sftponly`.
   * Default: none.
   */
  readonly except?: readonly string[]
}

/** sshd uses the first value it reads: this name sorts before those of clouds and installers. */
const PATH = '/etc/ssh/sshd_config.d/00-hardening.conf'

type Want = WantedFile & {
  readonly effective: Values
  readonly login: string
  readonly except: readonly string[]
}

const config = operation('sshd', {
  want: ({ settings, login = '', except = [] }: Sshd): Want => {
    for (const [key, value] of Object.entries(settings))
      if (!/^(?!(?:match|include)$)[a-z0-9]+$/i.test(key) || /[\n\0]/.test(String(value)))
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
    return { ...completeFile({ path: PATH, content, mode: '600' }), effective, login, except }
  },
  name: ({ path }) => path,
  paths: ({ path }) => [path],
  probe: want => sh`${setLoginUser(want.login)}
${setConnection}
${setDaemonOptions}
all=$(sshd -T $options -C user="$user","$of") || exit 1
${printValues(want.effective)}
${printWanted(want.content.toString(), want.effective)}
${printBlocks(Object.keys(want.effective))}
[ -z "$(${printUnproven('sshd')})" ] || echo '! unproven'
${printFile(want)}`,
  read: (out, want) => {
    const lines = selectStatements(out)
    const file = readFile(out, lines.length)
    if (file instanceof Unknown) return file
    // sshd does not print a keyword without a value
    return {
      effective: pickValues(readValues(lines, '='), want.effective),
      wanted: { ...want.effective, ...pickValues(readValues(lines, '+'), want.effective) },
      blocks: readBlocks(lines),
      proven: !lines.includes('! unproven'),
      file,
    }
  },
  plan: (now, want) => {
    const values = differences(now.effective, now.wanted)
    const file = diffFile(now.file, want)
    if (file instanceof Unknown) return file
    const overridden = explainBlocks(now.blocks, now.wanted, want)
    if (overridden !== null) return new Unknown(overridden)
    if (file.length === 0 && values.length > 0) return new Unknown(explainOverride(values))
    const { apply, writes } = putFile(file, want)
    const proof = differences({ login: now.proven ? 'proven' : 'unproven' }, { login: 'proven' })
    const isProven = writes || proof.length > 0
    return change(
      [...values, ...file, ...proof],
      isProven ? proveLogin(want) : apply,
      isProven ? { stdin: want.content, seconds: 150, provenByLogin: true } : {},
    )
  },
})

/**
 * sshd runs with these settings, as it reports them for a connection like this run's; a Match block
 * with other values is an error. Before they replace the old ones, a second sshd on the loopback
 * reads them, and the login user logs in to it with a key: settings that would lock the user out
 * are refused. sshd is reloaded with them, and they are taken back if this run cannot log in anew.
 */
export const sshd = operation('sshd', {
  from: (want: Sshd, meta) => {
    const settings = config(want, meta)
    return [settings, service({ name: 'ssh', reloadOn: [settings] }, meta)]
  },
})

/** The lines before those of the file. */
const selectStatements = (out: Output): readonly string[] => {
  const lines = out.stdout.toString('latin1').split('\n')
  const end = lines.findIndex(line => !/^[=+~!] /.test(line))
  return lines.slice(0, end)
}

/** Which Match blocks set other values; null if none does. */
const explainBlocks = (
  blocks: readonly BlockValue[],
  wanted: Values,
  want: Want,
): string | null => {
  const wrong = blocks.filter(
    ({ criteria, keyword, value }) =>
      ![wanted, want.effective].some(
        values => normalizeValue(value.replace(/"/g, '')) === values[keyword],
      ) && !want.except.some(allowed => tidy(allowed) === tidy(criteria)),
  )
  return wrong.length === 0
    ? null
    : `some connections would use other values: ${wrong
        .map(
          ({ place, criteria, keyword, value }) => `${keyword} ${value} for ${criteria} (${place})`,
        )
        .join(', ')}: remove them from their Match blocks, or name the blocks in except`
}
const tidy = (criteria: string): string =>
  criteria
    .trim()
    .replace(/[\s=]+/g, ' ')
    .toLowerCase()

const explainOverride = (values: Diff): string =>
  [
    'the file is right, but sshd would still use',
    `${values.map(({ key, before }) => `${key} ${before}`).join(', ')}:`,
    'remove it from before the Include in /etc/ssh/sshd_config, or from a Match block',
  ].join(' ')
