import { createHash } from 'node:crypto'
import type { Hmac } from '../../compose/names.ts'
import { OptionError } from '../../errors/option-error.ts'
import { change, differences, operation, type Unknown, unreadable } from '../../operation.ts'
import type { Secret } from '../../secret.ts'
import { type Sh, sh } from '../../sh.ts'
import { writeMark } from '../file/mark.ts'
import { FOLDER, salt, salted } from '../service/stamp.ts'
import { checkAccountName } from '../user/account.ts'
import { needsDocker } from './api.ts'

export type Login = LoggedIn | LoggedOut

type LoggedOut = {
  /** `host` or `host:port`. Default Docker Hub. */
  readonly registry?: string
  /** The user of the host that logs out. Default root. */
  readonly account?: string
  /** Logs out. */
  readonly state: 'absent'
}
export type LoggedIn = {
  /** `host` or `host:port`. Default Docker Hub. */
  readonly registry?: string
  /** The user of the host that logs in. Default root. */
  readonly account?: string
  readonly state?: 'present'
  /** The user's name at the registry. */
  readonly user: string
  /**
   * Password or token. Docker keeps it in the account's config.json, which only that account can
   * read.
   */
  readonly password: Secret
  /** Makes a keyed hash of the password with a key of the encrypted store: `run.hmac`. */
  readonly hmac: Hmac
}

type Now = {
  readonly login: 'current' | 'other' | 'absent'
  readonly proof: string
  readonly mode: string | null
  readonly owner: string | null
}

/**
 * A user of the host is logged in to a registry, with a config.json that only this user can read.
 * The registry has accepted the password. Later runs compare a keyed hash of it and a salted hash
 * of what Docker wrote, since the file's content is never shown.
 */
export const login = operation('docker.login', {
  check: (want: Login) => {
    checkAccountName(getAccount(want))
    if (!/^[\w.-]+(:\d+)?$/.test(getRegistry(want)))
      throw new OptionError({
        message: `${JSON.stringify(getRegistry(want))} is not a registry`,
        next: 'use its host or host:port',
      })
  },
  name: (want: Login) => `${getRegistry(want)} for ${getAccount(want)}`,
  probe: want => sh`${needsDocker}
${locateFile(want)}
s=absent
if [ -e "$file" ]; then s=$(stat -c '%a %U' "$file") || exit 74; fi
echo "file $s"
if ! entry | grep -q .; then echo 'login absent'
elif [ -e ${locateStamp(want)} ]; then
  read -r proof hash <${locateStamp(want)} || exit 74
  echo "proof $proof"
  [ "$(entry | ${salted})" = "$hash" ] && echo 'login current' || echo 'login other'
else echo 'login other'; fi`,
  read: (out): Now | Unknown => {
    const lines = new Map(
      out.stdout
        .toString()
        .trim()
        .split('\n')
        .map(line => line.split(/ (.*)/s, 2) as [string, string]),
    )
    const [login, file] = [lines.get('login'), lines.get('file')]
    if (
      out.exitCode !== 0 ||
      !file ||
      !(login === 'current' || login === 'other' || login === 'absent')
    )
      return unreadable(out, 'the login cannot be read')
    const [mode = null, owner = null] = file === 'absent' ? [] : file.split(' ')
    return { login, proof: lines.get('proof') ?? '', mode, owner }
  },
  plan: (now, want) => {
    if (want.state === 'absent')
      return change(
        differences({ login: now.login === 'absent' ? null : 'there' }, { login: null }),
        logOut(want),
      )
    const proof = hashPassword(want)
    const same = now.login === 'current' && now.proof === proof
    const after = `${want.user} with ${want.password}`
    const login = same
      ? []
      : [{ key: 'login', before: now.login === 'absent' ? null : 'another', after }]
    const rights = differences(
      { mode: now.mode, owner: now.owner },
      { mode: '600', owner: getAccount(want) },
    )
    return change(
      [...login, ...rights],
      sh`${locateFile(want)}
${same ? sh`:` : logIn(want)}
chown ${getAccount(want)} "$folder" "$file" && chmod 600 "$file" || exit
${salt}
hash=$(entry | ${salted}) && ${writeMark(locateStamp(want), sh`${proof}" $hash"`)}`,
      same ? {} : { stdin: want.password },
    )
  },
})

const getRegistry = ({ registry = 'docker.io' }: Login): string => registry
const getAccount = ({ account = 'root' }: Login): string => account
/** The registry's name in Docker's file and on the command line. */
const nameServer = (want: Login): string =>
  getRegistry(want) === 'docker.io' ? 'https://index.docker.io/v1/' : getRegistry(want)
const locateStamp = (want: Login): string => {
  const hash = createHash('sha256').update(getRegistry(want)).digest('hex')
  return `${FOLDER}/docker.login.${getAccount(want)}.${hash.slice(0, 12)}`
}
const hashPassword = (want: LoggedIn): string =>
  want.hmac(`docker login ${want.user} ${nameServer(want)}`, want.password).slice(0, 32)

/**
 * Sets `$file` to the account's file and defines `entry`, which prints its part for the registry:
 * secret, never to be sent from the host.
 */
const locateFile = (
  want: Login,
): Sh => sh`home=$(getent passwd ${getAccount(want)} | cut -d : -f 6) && [ -n "$home" ] || {
  echo ${`there is no user ${getAccount(want)}`} >&2
  exit 3
}
folder=$home/.docker file=$home/.docker/config.json
entry() { [ ! -e "$file" ] || sed -n ${matchEntry(nameServer(want))} "$file"; }`

const matchEntry = (registry: string): string =>
  `/"${registry.replace(/[./]/g, '\\$&')}"[[:space:]]*:[[:space:]]*{/,/}/p`

const logIn = (want: LoggedIn): Sh => sh`[ -d "$folder" ] || mkdir -m 700 "$folder" || exit
docker --config "$folder" login --username ${want.user} --password-stdin ${nameServer(want)} \
  >/dev/null || exit`

const logOut = (want: Login): Sh => sh`${locateFile(want)}
docker --config "$folder" logout ${nameServer(want)} >/dev/null &&
  chown ${getAccount(want)} "$file" && rm -f ${locateStamp(want)}`
