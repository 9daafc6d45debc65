import { OptionError } from '../errors/option-error.ts'
import { type Diff, differences, operation, Unknown, unreadable } from '../operation.ts'
import { sh } from '../sh.ts'
import { type Entry, printEntry, readEntry } from './file/entry.ts'
import { checkAccountName } from './user/account.ts'

export type AuthorizedKeys = {
  /** The user that the keys log in as. */
  readonly user: string
  /** Lines as authorized_keys has them: options, type, key, comment. */
  readonly keys: readonly string[]
  /** True: these keys and no others. False: these too. Default true. */
  readonly exact?: boolean
}

type Now = {
  readonly uid: string
  readonly gid: string
  readonly folder: Entry | null
  readonly file: Entry | null
  readonly lines: readonly string[]
}

/** A user's login is open to these keys. The folder and the file are the user's alone. */
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
    return { ...want, keys: want.keys.map(key => key.trim()) }
  },
  name: ({ user }: AuthorizedKeys) => user,
  probe: ({
    user,
  }) => sh`l=$(getent passwd ${user}) || { echo ${`no such user: ${user}`} >&2; exit 1; }
echo "$l"
h=$(echo "$l" | cut -d : -f 6); [ -d "$h" ] || { echo "no home folder: $h" >&2; exit 1; }
cd -P -- "$h" || exit 1
${printEntry('.ssh')}
[ "$s" != absent ] && [ -d .ssh ] && [ ! -h .ssh ] || { echo absent; exit 0; }
${printEntry('.ssh/authorized_keys')}
case $s in regular*) cat .ssh/authorized_keys;; esac`,
  read: (out): Now | Unknown => {
    const [user = '', folder = '', file = '', ...lines] = out.stdout.toString().split('\n')
    const [, , uid = '', gid = ''] = user.split(':')
    const entries = [readEntry(folder), readEntry(file)]
    if (out.exitCode !== 0 || !gid || entries.includes(undefined)) return unreadable(out)
    return {
      uid,
      gid,
      folder: entries[0] ?? null,
      file: entries[1] ?? null,
      lines: lines.map(line => line.trim()).filter(line => line && !line.startsWith('#')),
    }
  },
  plan: (now, want) => {
    const { user } = want
    if (now.folder && now.folder.type !== 'directory')
      return new Unknown(`.ssh of ${user} is a ${now.folder.type}: nothing is written through it`)
    if (now.file?.type === 'directory')
      return new Unknown(`authorized_keys of ${user} is a directory`)
    const keys =
      want.exact === false
        ? [
            ...now.lines,
            ...want.keys.filter(
              key => !now.lines.some(line => extractBlob(line) === extractBlob(key)),
            ),
          ]
        : want.keys
    const diff = [
      ...diffKeys(now, keys),
      ...diffRights('.ssh', now.folder, now.uid, '700'),
      ...diffRights('authorized_keys', now.file, now.uid, '600'),
    ]
    const content = `${keys.join('\n')}\n`
    return diff.length === 0
      ? null
      : {
          diff,
          stdin: content,
          apply: writeKeys(user, now.uid, now.gid, Buffer.byteLength(content)),
        }
  },
})

const keyPattern =
  /(?:^|\s)(?:ssh-(?:ed25519|rsa)|ecdsa-sha2-nistp\d+|sk-(?:ssh-ed25519|ecdsa-sha2-nistp256)@openssh\.com)\s+(AAAA[A-Za-z0-9+/]+=*)(?:\s|$)/
const isKey = (line: string): boolean => keyPattern.test(line) && !line.trim().includes('\n')
const extractBlob = (line: string): string => keyPattern.exec(line)?.[1] ?? line

const diffKeys = (now: Now, keys: readonly string[]): Diff => {
  if (now.lines.length === keys.length && keys.every(key => now.lines.includes(key))) return []
  return [
    { key: 'keys', before: now.file && now.lines.join('\n'), after: keys.join('\n'), text: true },
  ]
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

/**
 * The home is the user's to change at any moment: the folder is entered first and must be the real
 * one, and nothing is followed in it.
 */
const writeKeys = (
  user: string,
  uid: string,
  gid: string,
  bytes: number,
) => sh`h=$(getent passwd ${user} | cut -d : -f 6) && cd -P -- "$h" && h=$(pwd -P) || exit 1
[ -e .ssh ] || mkdir -m 700 .ssh || exit 1
cd -P .ssh && [ "$(pwd -P)" = "\${h%/}/.ssh" ] ||
  { echo '.ssh is not a real folder: nothing was written' >&2; exit 1; }
chown ${`${uid}:${gid}`} . && chmod 700 . || exit 1
t=.authorized_keys.brd; rm -f "$t"; trap 'rm -f "$t"' 0; trap 'exit 143' HUP INT TERM
( set -C; cat >"$t" ) && [ "$(wc -c <"$t")" -eq ${bytes} ] ||
  { echo 'the keys did not arrive whole; the file is as it was' >&2; exit 1; }
chown -h ${`${uid}:${gid}`} "$t" && sync "$t" && mv -f -T "$t" authorized_keys && sync .`
