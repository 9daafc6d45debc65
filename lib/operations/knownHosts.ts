import { OptionError } from '../errors/option-error.ts'
import { change, operation, unreadable } from '../operation.ts'
import { raw, type Sh, sh } from '../sh.ts'
import { surround } from './command/surroundings.ts'
import { editFile, PRESENT } from './file/edit.ts'
import { checkPath, type Path } from './file/entry.ts'
import { makeEmpty } from './file/put.ts'
import { checkAccountName } from './user/account.ts'

export type KnownHosts = {
  /**
   * The name or address that users log in to. Lines with patterns that match it stay.
   */
  readonly host: string
  /** Its port. Default 22. */
  readonly port?: number
} & (
  | {
      /** Its public keys, `ssh-ed25519 AAAA…`, and no others. */
      readonly keys: readonly [string, ...string[]]
      /** `absent`: none. Default present. */
      readonly state?: 'present'
    }
  | { readonly state: 'absent'; readonly keys?: never }
) &
  (
    | {
        /**
         * Whose ~/.ssh/known_hosts. Default: the system's /etc/ssh/ssh_known_hosts, for everybody.
         */
        readonly user?: string
        readonly path?: never
      }
    | {
        /** Another file. A symlink is followed. */
        readonly path?: Path
        readonly user?: never
      }
  )

/**
 * A user, or everybody, knows exactly these ssh keys of a host, or none. Hashed entries are found
 * too.
 */
export const knownHosts = operation('knownHosts', {
  check: (want: KnownHosts) => {
    const { host, port = 22, keys = [], user, path } = want
    if (!/^[\w.:-]+$/.test(host))
      throw new OptionError({
        message: `host: ${JSON.stringify(host)} is not a host's name or address`,
      })
    if (!(Number.isInteger(port) && port > 0 && port < 65536))
      throw new OptionError({ message: `port: ${port} is not a port`, next: 'give 1 to 65535' })
    const bad = keys.find(key => !KEY.test(key))
    if (bad !== undefined)
      throw new OptionError({
        message: `keys: not a public key: ${JSON.stringify(bad.slice(0, 60))}`,
        next: 'give lines such as ssh-ed25519 AAAA…',
      })
    if (user !== undefined) checkAccountName(user)
    if (path !== undefined) checkPath(path)
  },
  name: (want: KnownHosts) =>
    `${formatHost(want)} ${want.user === undefined ? pickFile(want) : `of ${want.user}`}`,
  probe: want =>
    runAsUser(
      want,
      sh`command -v ssh-keygen >/dev/null || { echo 'ssh-keygen is not installed' >&2; exit 3; }
${setFile(want)}
if [ -e "$f" ]; then ssh-keygen -F ${formatHost(want)} -f "$f"; r=$?; [ $r -le 1 ] || exit $r; fi
echo end`,
    ),
  read: (out, want) => {
    const lines = out.stdout.toString().split('\n')
    return out.exitCode === 0 && lines.at(-2) === 'end'
      ? lines.slice(0, -2).flatMap(line => parseKey(line, formatHost(want)))
      : unreadable(out)
  },
  plan: (now, want) => {
    const keys = (want.keys ?? []).map(dropComment)
    if (now.length === keys.length && keys.every(key => now.includes(key))) return null
    const diff = [
      {
        key: formatHost(want),
        before: now.length > 0 ? now.join('\n') : null,
        after: keys.length > 0 ? keys.join('\n') : null,
        text: true as const,
      },
    ]
    return change(diff, runAsUser(want, rewriteKeys(want, keys)))
  },
})

const KEY =
  /^((?:ssh-(?:ed25519|rsa)|ecdsa-sha2-nistp\d+|sk-[\w-]+@openssh\.com) AAAA[A-Za-z0-9+/]+=*)(?: .*)?$/
const dropComment = (key: string): string => KEY.exec(key.trim())?.[1] ?? key

/** The host as known_hosts has it. */
const formatHost = ({ host, port = 22 }: KnownHosts): string =>
  port === 22 ? host : `[${host}]:${port}`
const pickFile = ({ path = '/etc/ssh/ssh_known_hosts' }: KnownHosts): string => path

/**
 * A user's file is read and written as that user: a symlink in it reaches only what the user can.
 */
const runAsUser = ({ user }: KnownHosts, fragment: Sh): Sh =>
  user === undefined ? fragment : surround({ user }, fragment)
const setFile = (want: KnownHosts): Sh =>
  want.user === undefined ? sh`f=${pickFile(want)}` : sh`f=$HOME/.ssh/known_hosts`

/** The key of a line for exactly this host; empty for a line with a marker or a pattern. */
const parseKey = (line: string, host: string): string[] => {
  const [hosts = '', ...key] = line.split(' ')
  return hosts.startsWith('|1|') || (!/^[#@]/.test(hosts) && hosts.split(',').includes(host))
    ? [dropComment(key.join(' '))]
    : []
}

/**
 * Removes the host from every line that ssh-keygen finds it in; a line stays for its other hosts.
 */
const rewriteKeys = (want: KnownHosts, keys: readonly string[]): Sh => sh`${setFile(want)}
${
  want.user === undefined
    ? makeEmpty(pickFile(want))
    : sh`[ -e "$f" ] || ( mkdir -p -m 700 "\${f%/*}" && : >"$f" && chmod 600 "$f" ) || exit 1`
}
found=$(ssh-keygen -F ${formatHost(want)} -f "$f" |
  sed -n 's/^# Host .* found: line \([0-9]*\)[[:space:]]*$/\1/p' | tr '\n' ' ')
${editFile(
  raw('"$f"'),
  sh`FOUND=" $found" HOST=${formatHost(want)} awk '
!index(ENVIRON["FOUND"], " " NR " ") {print; next}
/^\|1\|/ {next}
{n = split($1, host, ","); rest = ""
 for (i = 1; i <= n; i++)
   if (host[i] "" != ENVIRON["HOST"]) rest = rest (rest == "" ? "" : ",") host[i]
 if (rest == $1) print; else if (rest != "") print rest substr($0, length($1) + 1)}' \
  ${PRESENT} || exit 1
${keys.length === 0 ? sh`:` : sh`printf '%s\n' ${keys.map(key => `${formatHost(want)} ${key}`)}`}`,
)}`
