import { change, operation, Unknown, unreadable } from '../operation.ts'
import type { Secret } from '../secret.ts'
import { type Sh, sh } from '../sh.ts'
import { defineWithin } from './docker/within.ts'
import { runOnce } from './runOnce.ts'

/** A restic service that waits for commands; its environment has its repository and password. */
export type Restic = {
  /** The service's full name, such as `stage_restic`; its task must be on this node. */
  readonly service: string
  /** A keyed hash of the password, which names the repository's key. */
  readonly version: string
}

export type ResticKey = Restic & {
  /** The password to add, or to try. */
  readonly password: Secret
}

/** A key as `restic key list --json` prints it. */
type ApiKey = {
  readonly current: boolean
  readonly id: string
  readonly userName: string
  readonly hostName: string
}

// Only these answers say that there is no repository: exit 10, and before restic 0.17 that its
// config was looked for and is not there. The question "Is there a repository at the following
// location?" follows every failure to read the config: a server that is away, keys that are
// refused.
const noRepository = sh`10.*'repository does not exist'* | \
  1.*'unable to open config file: Stat: The specified key does not exist.'* | \
  1.*'unable to open config file: stat '*': no such file or directory'*`

const listKeys = ({ service }: Restic): Sh => sh`${defineWithin({ service }, 50)}
said=$(within restic key list --json 2>&1) || case $?.$said in
  ${noRepository}) said='no repository' ;;
  *) printf '%s\n' "$said" >&2; exit 1 ;;
esac
printf '%s\n' "$said"`

const parseKeys = (text: string): readonly ApiKey[] | null => {
  if (text.trim() === 'no repository') return []
  const line = text.split('\n').find(line => line.startsWith('['))
  return line === undefined ? null : (JSON.parse(line) as readonly ApiKey[])
}

const formatUser = ({ version }: Restic): string => `brd-${version}`

/**
 * The repository also opens with this password. A missing repository needs no change; one that
 * cannot be read is an error.
 */
const key = operation('restic.key', {
  name: ({ service }: ResticKey) => service,
  probe: listKeys,
  read: out =>
    (out.exitCode === 0 ? parseKeys(out.stdout.toString()) : null) ??
    unreadable(out, 'the keys cannot be read'),
  plan: (now, want) =>
    change(
      now.length === 0 || now.some(({ userName }) => userName === formatUser(want))
        ? []
        : [{ key: 'key', before: null, after: want.password.toString() }],
      sh`${defineWithin({ service: want.service }, 170)}
within sh -c ${add} sh ${formatUser(want)}`,
      { stdin: want.password, seconds: 180 },
    ),
  probeSeconds: 60,
})

// Waits for the lock of a running backup. The new password is tried before the change succeeds.
const patient = `end=$(($(date +%s) + 120))
patient() {
  until said=$("$@" 2>&1); do
    case $said in *'already locked'*) ;; *) break ;; esac
    [ "$(date +%s)" -lt $end ] || break; sleep 2
  done
}`
const add = `umask 077; ${patient}
file=/dev/shm/brd.$$; trap 'rm -f "$file"' 0
cat >"$file"; patient restic key add --new-password-file "$file" --user "$1" --host brd
restic --password-file "$file" cat config >/dev/null 2>&1 || { printf '%s\n' "$said" >&2; exit 1; }`

/**
 * The repository opens with the service's password and with no other, except for keys of users
 * whose names begin with `keep`.
 */
const only = operation('restic.only', {
  name: ({ service }: Restic) => service,
  probe: listKeys,
  read: out =>
    (out.exitCode === 0 ? parseKeys(out.stdout.toString()) : null) ??
    unreadable(out, 'the keys cannot be read'),
  plan: (now, want) => {
    const current = now.find(({ current }) => current)
    if (now.length > 0 && current?.userName !== formatUser(want))
      return new Unknown(
        `the service still opens the repository with the key of ${current?.userName}, ` +
          `not with ${formatUser(want)}: deploy it first`,
      )
    const others = now.filter(({ current, userName }) => !current && !userName.startsWith('keep'))
    return change(
      others.map(({ id, userName, hostName }) => ({
        key: `key ${id}`,
        before: `of ${userName}@${hostName}`,
        after: null,
      })),
      sh`${defineWithin({ service: want.service }, 290)}
within sh -c ${remove} sh ${others.map(({ id }) => id)}`,
      { seconds: 300 },
    )
  },
  probeSeconds: 60,
})

const remove = `${patient}
for key; do patient restic key remove "$key"; done
left=$(restic key list --json) || exit
for key; do case $left in *"\\"$key"*) printf '%s\\n' "$said" >&2; exit 1 ;; esac; done`

/**
 * It was shown that this password does not open the repository, or that it does not exist. A
 * repository
 * that cannot be read shows nothing: that is an error.
 */
const refuses = operation('restic.refuses', {
  from: ({ service, version, password }: ResticKey, meta) =>
    runOnce(
      {
        name: `the old password does not open the repository of ${service}`,
        version,
        run: sh`${defineWithin({ service }, 110)}
said=$(within sh -c ${tried} 2>&1) && { echo 'it still does' >&2; exit 1; }
case $?.$said in
  1.*'wrong password or no key found'* | 12.*) ;;
  ${noRepository}) ;;
  *) printf '%s\n' "$said" >&2; exit 1 ;;
esac`,
        stdin: password,
        timeoutSeconds: 120,
      },
      meta,
    ),
})

const tried = `umask 077; file=/dev/shm/brd.$$; trap 'rm -f "$file"' 0
cat >"$file"; restic --password-file "$file" cat config >/dev/null`

export const restic = {
  /** The repository also opens with this password. */
  key,
  /**
   * The repository opens with the service's password and with no other, except for keys of users
   * whose names begin with `keep`.
   */
  only,
  /** It was shown that this password does not open the repository, or that it does not exist. */
  refuses,
}
