import { OptionError } from '../errors/option-error.ts'
import {
  type Change,
  type Diff,
  differences,
  operation,
  Unknown,
  unreadable,
} from '../operation.ts'
import { sh } from '../sh.ts'
import { editKeys, findKeyRefusal } from './access/edit-keys.ts'
import { type KeyLine, listOptions, parseKeyLine } from './access/key-line.ts'
import {
  findLoginRefusal,
  type LoginFacts,
  printLoginFacts,
  readLoginFacts,
} from './access/refusal.ts'
import { runAs } from './access/run-as.ts'
import { printUnproven } from './access/take-back.ts'
import { writeKeys } from './access/write-keys.ts'
import { type Entry, printEntry, readEntry } from './file/entry.ts'
import { checkAccountName } from './user/account.ts'

export type AuthorizedKeys = {
  /** The user that the keys log in as. */
  readonly user: string
  /**
   * Lines as authorized_keys has them: options, type, key, comment. A key that is there with other
   * options gets these.
   */
  readonly keys: readonly string[]
} & (
  | {
      /** True: these keys and no others. False: these too. Default true. */
      readonly exact?: boolean
      readonly state?: 'present'
    }
  | {
      /** `absent`: these keys do not log in, with any options; others stay. Default: present. */
      readonly state: 'absent'
      readonly exact?: never
    }
)

type Now = {
  readonly uid: string
  readonly gid: string
  readonly folder: Entry | null
  readonly file: Entry | null
  readonly content: Buffer
  readonly facts: LoginFacts
}

/**
 * A user's login is open to these keys. The folder and the file are the user's alone; comments and
 * empty lines stay. What else sshd asks of the account must hold: an account that has expired, or a
 * home of another user, is an error. The key that this run logged in with is not taken away, and a
 * change of this run's own login is kept only if the run can log in anew.
 */
export const authorizedKeys = operation('authorizedKeys', {
  want: (want: AuthorizedKeys) => {
    checkAccountName(want.user)
    const bad = want.keys.find(key => !isKey(key))
    if (bad !== undefined)
      throw new OptionError({
        message: `keys: not a public key: ${JSON.stringify(bad.slice(0, 60))}`,
        next: 'give lines as authorized_keys has them: ssh-ed25519 AAAA… comment',
      })
    if (want.keys.length === 0)
      throw new OptionError({
        message: 'keys: at least one key is expected, or nobody could log in',
      })
    const lines = [...new Set(want.keys.map(key => key.trim()))]
    return { ...want, lines: lines.map(parseKeyLine).filter(line => line !== null) }
  },
  name: ({ user, state, lines }: AuthorizedKeys & { readonly lines: readonly KeyLine[] }) =>
    state === 'absent' ? `${user} without ${lines.map(nameKey).join(', ')}` : user,
  probe: ({
    user,
  }) => sh`l=$(getent passwd ${user}) || { echo ${`no such user: ${user}`} >&2; exit 1; }
h=$(printf '%s\n' "$l" | cut -d : -f 6); [ -d "$h" ] || { echo "no home folder: $h" >&2; exit 1; }
cd -P -- "$h" || exit 1
${printLoginFacts(user)}
[ -z "$(${printUnproven('keys')})" ] || echo '= unproven'
printf '%s\n' "$l"
${printEntry('.ssh')}
[ "$s" != absent ] && [ -d .ssh ] && [ ! -h .ssh ] || { echo absent; exit 0; }
${printEntry('.ssh/authorized_keys')}
case $s in regular*)
  ${runAs(user, sh`cat .ssh/authorized_keys`)} || {
    echo ${`${user} cannot read authorized_keys, nor can sshd: chown it to ${user}`} >&2; exit 1
  };;
esac`,
  read: (out): Now | Unknown => {
    const { lines, rest } = takeFacts(out.stdout)
    const [user = '', folder = '', file = ''] = rest.toString('latin1').split('\n', 3)
    const [, , uid = '', gid = ''] = user.split(':')
    const entries = [readEntry(folder), readEntry(file)]
    if (out.exitCode !== 0 || !gid || entries.includes(undefined)) return unreadable(out)
    return {
      uid,
      gid,
      folder: entries[0] ?? null,
      file: entries[1] ?? null,
      content: rest.subarray(user.length + folder.length + file.length + 3),
      facts: readLoginFacts(lines),
    }
  },
  plan: (now, want): Change | Unknown | null => {
    const { user, lines, state = 'present', exact = state === 'present' } = want
    if (now.folder && now.folder.type !== 'directory')
      return new Unknown(`.ssh of ${user} is a ${now.folder.type}: nothing is written through it`)
    if (now.file?.type === 'directory')
      return new Unknown(`authorized_keys of ${user} is a directory`)
    const [loginUser, loginKey] = now.facts.get('login') ?? []
    const isLogin = user === loginUser
    const edited = editKeys(now.content, lines, state === 'absent' ? 'absent' : exact)
    const refused =
      (isLogin && loginKey ? findKeyRefusal(edited, loginKey) : null) ??
      (exact ? explainOthers(now.facts) : null) ??
      (state === 'absent'
        ? null
        : findLoginRefusal(user, now.uid, now.facts, lines.every(isLimited)))
    if (refused !== null) return new Unknown(`${user} could not log in: ${refused}`)
    if (state === 'absent' && edited.changed === false) return null
    const isUnproven = isLogin && now.facts.has('unproven')
    const diff: Diff = [
      ...(edited.changed || now.file?.type !== 'file'
        ? [
            {
              key: 'keys',
              before: now.file && edited.before,
              after: edited.after,
              text: true as const,
            },
          ]
        : []),
      ...diffRights('.ssh', now.folder, now.uid, '700'),
      ...diffRights('authorized_keys', now.file, now.uid, '600'),
      ...(isUnproven ? [{ key: 'login', before: 'unproven', after: 'proven' }] : []),
    ]
    return diff.length === 0 ? null : writeKeys({ ...now, user, isLogin, diff, data: edited.data })
  },
})

const KEY_TYPE =
  /^(?:ssh-(?:ed25519|rsa)|ecdsa-sha2-nistp\d+|sk-(?:ssh-ed25519|ecdsa-sha2-nistp256)@openssh\.com)$/
const isKey = (line: string): boolean =>
  KEY_TYPE.test(parseKeyLine(line)?.type ?? '') && !/[\r\n]/.test(line.trim())

const nameKey = ({ comment, blob }: KeyLine): string => comment || `…${blob.slice(-12)}`

/** Whether the key serves for one command, or for forwarding, and not for a shell. */
const isLimited = (line: KeyLine): boolean =>
  listOptions(line).some(name =>
    ['command', 'port-forwarding', 'permitopen', 'permitlisten'].includes(name),
  )

/** sshd may read further files: their keys log in too. */
const explainOthers = (facts: LoginFacts): string | null => {
  const others = facts.get('also') ?? []
  return others.length === 0
    ? null
    : `with these keys alone: sshd also reads ${others.join(', ')}: remove it, or set exact: false`
}

/** Splits the output into the lines before the user's, which begin with `= `, and the rest. */
const takeFacts = (data: Buffer): { readonly lines: string[]; readonly rest: Buffer } => {
  const lines: string[] = []
  let rest = data
  while (rest.subarray(0, 2).toString() === '= ') {
    const end = rest.indexOf(10)
    lines.push(rest.subarray(0, end).toString())
    rest = rest.subarray(end + 1)
  }
  return { lines, rest }
}

const diffRights = (what: string, now: Entry | null, uid: string, mode: string): Diff =>
  differences(
    now && { [`${what} owner`]: now.uid, [`${what} mode`]: now.mode, [`${what} type`]: now.type },
    {
      [`${what} owner`]: uid,
      [`${what} mode`]: mode,
      [`${what} type`]: mode === '700' ? 'directory' : 'file',
    },
  )
