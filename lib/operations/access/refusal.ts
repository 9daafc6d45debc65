import { type Sh, sh } from '../../sh.ts'
import { setConnection } from './login.ts'

/** What sshd and PAM look at besides the keys: words after `= ` of `printLoginFacts`. */
export type LoginFacts = ReadonlyMap<string, readonly string[]>

/** Keywords of sshd that decide who may log in with a key. */
const KEYWORDS =
  'authorizedkeysfile strictmodes usepam pubkeyauthentication forcecommand ' +
  'allowusers denyusers allowgroups denygroups'

/**
 * Prints lines `= WORD VALUES` about a login as `$l`, the user's line of passwd, whose home `$h` is
 * the current folder: as sshd would decide it for a connection like this run's. Without sshd, only
 * what concerns the account.
 */
export const printLoginFacts = (user: string): Sh => sh`echo "= home $(stat -c '%u %a' .)"
echo "= groups $(id -Gn ${user})"
s=\${l##*:}; [ -x "\${s:-/bin/sh}" ] && echo "= shell $s" || echo "= shell $s missing"
echo "= login \${SUDO_USER:-root} \${login_key:-none}"
getent shadow ${user} | awk -F : -v day=$(($(date +%s) / 86400)) '
{print "= password " ($2 ~ /^!/ ? "!" : "-")
 if ($8 != "" && $8 >= 0 && day >= $8) print "= account expired"
 else if ($3 == "0") print "= account must change its password"
 else if ($3 != "" && $5 != "" && $5 >= 0 && day > $3 + $5) print "= account has an old password"}'
if command -v sshd >/dev/null; then
  ${setConnection}
  all=$(sshd -T -C user=${user},"$of" 2>&1) || case $all in
  *'privilege separation directory'*) all=;; # it has never run, and is started by a socket
  *) printf '%s\n' "$all" >&2; exit 1;;
  esac
  printf '%s\n' "$all" |
    KEYS=${` ${KEYWORDS} `} awk 'index(ENVIRON["KEYS"], " " $1 " ") {print "=", $0}'
  for f in $(printf '%s\n' "$all" | sed -n 's/^authorizedkeysfile //p'); do
    f=$(echo "$f" | sed "s|%%|%|g; s|%h|$h|g; s|%u|${user}|g; s|%U|$(id -u ${user})|g")
    case $f in none) continue;; /*) ;; *) f=$h/$f;; esac
    if [ "$f" = "$h/.ssh/authorized_keys" ]; then echo '= reads it'
    elif [ -f "$f" ] && grep -q '^[[:space:]]*[^#[:space:]]' "$f"; then echo "= also $f"; fi
  done
fi`

/** Collects the lines that `printLoginFacts` printed. */
export const readLoginFacts = (lines: readonly string[]): LoginFacts => {
  const facts = new Map<string, readonly string[]>()
  for (const line of lines) {
    const [word = '', ...values] = line.slice(2).split(' ')
    facts.set(word.toLowerCase(), [...(facts.get(word.toLowerCase()) ?? []), ...values])
  }
  return facts
}

/**
 * Why a login with a right key would still be refused, and what to do; null if nothing is seen.
 * `isLimited`: the keys serve for something else than a shell.
 */
export const findLoginRefusal = (
  user: string,
  uid: string,
  facts: LoginFacts,
  isLimited: boolean,
): string | null => {
  const get = (word: string) => facts.get(word) ?? []
  const on = (word: string) => get(word)[0] !== 'no'
  const [owner = uid, mode = '700'] = get('home')
  const [shell = '', missing] = get('shell')
  const files = get('authorizedkeysfile')
  if (get('account').length > 0) {
    const how = get('account').join(' ')
    return how === 'expired'
      ? `the account has expired: chage --expiredate -1 ${user}`
      : `the account ${how}: chage --lastday -1 --maxdays -1 ${user}`
  }
  if (missing) return `its shell ${shell} does not exist or cannot be run: usermod --shell`
  if (
    /\/(nologin|false)$/.test(shell) &&
    !isLimited &&
    !/^internal-sftp/.test(get('forcecommand')[0] ?? '')
  )
    return `its shell is ${shell}: usermod --shell, or restrict the keys`
  if (!on('usepam') && get('password')[0] === '!')
    return `its password is locked by "!", which sshd refuses without PAM: usermod --password '*'`
  if (!on('pubkeyauthentication')) return 'sshd accepts no keys: PubkeyAuthentication no'
  if (files.length > 0 && !facts.has('reads'))
    return `sshd reads ${files.join(' ')}, not ~/.ssh/authorized_keys: set AuthorizedKeysFile`
  if (on('strictmodes') && owner !== uid && owner !== '0')
    return `the home folder belongs to uid ${owner}: chown it to ${user}`
  if (on('strictmodes') && (Number.parseInt(mode, 8) & 0o22) !== 0)
    return `others may write to the home folder (mode ${mode}): chmod go-w`
  return findRuleAgainst(user, facts)
}

/** DenyUsers, AllowUsers and their like for groups. A pattern with a host counts as its user. */
const findRuleAgainst = (user: string, facts: LoginFacts): string | null => {
  const groups = facts.get('groups') ?? []
  const names = (word: string) => facts.get(word) ?? []
  const matches = (word: string, all: readonly string[], withHost: boolean) =>
    names(word).some(pattern => {
      const [name = '', host] = pattern.split('@')
      return (withHost || host === undefined) && all.some(one => matchPattern(name, one))
    })
  if (matches('denyusers', [user], false)) return `sshd denies it by DenyUsers`
  if (names('allowusers').length > 0 && !matches('allowusers', [user], true))
    return 'sshd does not allow it by AllowUsers'
  if (matches('denygroups', groups, true)) return 'sshd denies one of its groups by DenyGroups'
  if (names('allowgroups').length > 0 && !matches('allowgroups', groups, true))
    return 'sshd allows none of its groups by AllowGroups'
  return null
}

/** A pattern of ssh_config(5): `*` and `?`. */
const matchPattern = (pattern: string, name: string): boolean =>
  new RegExp(
    `^${pattern
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replace(/\*/g, '.*')
      .replace(/\?/g, '.')}$`,
    'i',
  ).test(name)
