import { createHash } from 'node:crypto'
import type { Hmac } from '../../compose/names.ts'
import { OptionError } from '../../errors/option-error.ts'
import { change, differences, operation, Unknown, unreadable } from '../../operation.ts'
import type { Secret } from '../../secret.ts'
import { type Sh, sh } from '../../sh.ts'
import { runAs } from '../access/run-as.ts'
import { writeMark } from '../file/mark.ts'
import { FOLDER, salt, salted } from '../service/stamp.ts'
import { checkAccountName } from '../user/account.ts'
import { needsDocker } from './api.ts'
import { dropEntry, printEntry, printHelper, putEntry } from './config-file.ts'

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
 * The registry has accepted the password. Root neither follows a link that the user made nor runs
 * what the user's file names. Later runs compare a keyed hash of it and a salted hash
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
${asAccount(
  want,
  sh`s=absent
if [ -e "$file" ] || [ -h "$file" ]; then s=$(stat -c '%a %U' "$file") || exit 74; fi
echo "file $s"
[ ! -e "$file" ] || ${printHelper(nameServer(want))} <"$file" || exit 74`,
)} || exit 74
e=$(entry) || exit 74
if [ -z "$e" ]; then echo 'login absent'
elif [ -e ${locateStamp(want)} ]; then
  read -r proof hash <${locateStamp(want)} || exit 74
  echo "proof $proof"
  [ "$(echo "$e" | ${salted})" = "$hash" ] && echo 'login current' || echo 'login other'
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
    if (lines.has('helper'))
      return new Unknown(
        'config.json names a program that keeps the logins (credsStore, credHelpers): ' +
          'remove it there, or log in with it by hand',
      )
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
${same ? sh`entry` : logIn(want)} | ${asAccount(want, replaceFile(putEntry(nameServer(want))))} ||
  exit
${salt}
e=$(entry) && [ -n "$e" ] && hash=$(echo "$e" | ${salted}) &&
  ${writeMark(locateStamp(want), sh`${proof}" $hash"`)}`,
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

/** The account's files are its own to change: they are read and written by it, never by root. */
const asAccount = (want: Login, fragment: Sh): Sh => runAs(getAccount(want), fragment)

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
folder=$home/.docker file=$home/.docker/config.json; export folder file
entry() { ${asAccount(want, sh`[ ! -e "$file" ] || ${printEntry(nameServer(want))} <"$file"`)}; }`

/**
 * Logs in with a folder of root's own and prints the login: Docker runs programs that the account's
 * file may name.
 */
const logIn = (want: LoggedIn): Sh => sh`{
w=$(mktemp -d "\${d:-/run}/login.XXXXXX") || exit
trap 'rm -rf "$w"' 0; trap 'exit 143' HUP INT TERM
echo '{"auths": {"brd.invalid": {}}}' >"$w/config.json" # or Docker looks for a helper
docker --config "$w" login --username ${want.user} --password-stdin ${nameServer(want)} \
  >/dev/null || exit
${printEntry(nameServer(want))} <"$w/config.json"
}`

/** Writes the file in one step; an `edit` reads its text, after the line that comes on stdin. */
const replaceFile = (edit: Sh): Sh => sh`umask 077
[ -d "$folder" ] || mkdir -m 700 "$folder" && cd -P "$folder" || exit
t=.config.json.brd; rm -f "$t"; trap 'rm -f "$t"' 0; trap 'exit 143' HUP INT TERM
entry=$(tr -d '\n'); [ -n "$entry" ] || exit 1
{ printf '%s\n' "$entry"; if [ -e "$file" ]; then cat "$file"; else echo '{}'; fi; } |
  ( set -C; ${edit} >"$t" ) && [ -s "$t" ] && sync "$t" && mv -f -T "$t" config.json && sync .`

const logOut = (want: Login): Sh => sh`${locateFile(want)}
echo none | ${asAccount(want, replaceFile(sh`{ read -r _; ${dropEntry(nameServer(want))}; }`))} &&
  rm -f ${locateStamp(want)}`
