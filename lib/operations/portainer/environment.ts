import { change, type Diff, operation, type Unknown, unreadable } from '../../operation.ts'
import { type Sh, sh } from '../../sh.ts'
import type { AdminPassword } from '../api/admin.ts'
import { type ApiRequest, defineAsk, encodeRequests, type Site } from '../api/ask.ts'
import { keepOutput } from '../file/mark.ts'

export type PortainerEnvironment = AdminPassword & {
  /** The address of the agents, as Portainer reaches them: `tcp://tasks.agent:9001`. */
  readonly url: `tcp://${string}`
  /** The name that the console shows. Default primary. */
  readonly name?: string
  /** How long the agents may take to answer Portainer, in seconds. Default 120. */
  readonly timeoutSeconds?: number
}

/**
 * What Portainer says. `login`: the version of the login kept on the host, or why it is missing.
 */
type Now = { readonly login: string; readonly urls: readonly string[] }

const list: ApiRequest = { method: 'GET', path: '/api/endpoints?excludeSnapshots=true' }

/**
 * Portainer has an environment of these agents: without one its console is empty, while it answers
 * as if it were well. Portainer is asked each time, as its `admin`, whose login is kept on the host
 * for that, readable by root alone. For the node that deploys Portainer.
 */
export const environment = operation('portainer.environment', {
  name: ({ url }: PortainerEnvironment) => url,
  probe: want => sh`file=${locateLogin(want)}
[ -e "$file" ] || { echo 'login absent'; exit 0; }
{ read -r version && read -r login; } <"$file" || exit 74
${defineAsk(want)}
${defineLogIn}
log_in "$login"
[ -n "$token" ] || case $said in
  *422) echo 'login refused'; exit 0 ;;
  *) printf '%s\n' "$said" >&2; exit 1 ;;
esac
${defineListing(want)}
listed || exit
echo "login $version"
printf '%s\n' "$urls"
echo end`,
  read: (out): Now | Unknown => {
    const [login = '', ...urls] = out.stdout.toString().trim().split('\n')
    const known = urls.at(-1) === 'end' || /^login (absent|refused)$/.test(login)
    if (out.exitCode !== 0 || !login.startsWith('login ') || !known)
      return unreadable(out, 'Portainer cannot be asked')
    return {
      login: login.slice('login '.length),
      urls: urls.flatMap(line => /^"URL" *: *"(.*)"$/.exec(line)?.[1] ?? []),
    }
  },
  plan: (now, want) => {
    const { version, password, url, name = 'primary', timeoutSeconds: seconds = 120 } = want
    const known = now.login !== 'absent' && now.login !== 'refused'
    const login = now.login === 'absent' ? null : known ? 'another' : now.login
    const diff: Diff = [
      ...(now.login === version ? [] : [{ key: 'login', before: login, after: String(password) }]),
      ...(now.urls.includes(url)
        ? []
        : [{ key: 'environment', before: known ? null : 'not known', after: `${name} (${url})` }]),
    ]
    return change(diff, makeEnvironment(want, name, seconds), {
      stdin: encodeRequests(want, [logIn(want)]),
      seconds: seconds + 90,
    })
  },
  probeSeconds: 30,
})

const locateLogin = ({ host }: Site): string => `/var/lib/brd/portainer/${host}.login`

const logIn = ({ password }: AdminPassword): ApiRequest => ({
  method: 'POST',
  path: '/api/auth',
  body: { username: 'admin', password: password.reveal() },
})

/** Defines `log_in LOGIN`, which sets `$token`, and `$said` to the answer. */
const defineLogIn = sh`log_in() {
  said=$(printf '%s\n' "$1" | ask) || exit
  token=$(printf '%s\n' "$said" | sed -n 's/.*"jwt" *: *"\([^"]*\)".*/\1/p')
}`

/** Defines `listed`, which sets `$urls` to a line for the address of each environment. */
const defineListing = (want: Site): Sh => sh`listed() {
  said=$(printf %s ${encodeRequests(want, [list]).reveal()} | ask "$token") || return
  case $said in *200) ;; *) printf '%s\n' "$said" >&2; return 1 ;; esac
  urls=$(printf '%s\n' "$said" | grep -o '"URL" *: *"[^"]*"' | sort -u) || :
}`

const makeEnvironment = (want: PortainerEnvironment, name: string, seconds: number): Sh => {
  const create: ApiRequest = {
    method: 'POST',
    path: '/api/endpoints',
    form: {
      Name: name,
      // An agent, whose certificate is made up by itself.
      EndpointCreationType: '2',
      URL: want.url,
      TLS: 'true',
      TLSSkipVerify: 'true',
      TLSSkipClientVerify: 'true',
    },
  }
  return sh`read -r login || exit
${defineAsk(want)}
${defineLogIn}
log_in "$login"
[ -n "$token" ] || {
  echo "Portainer refuses the password of the store, which only its rotation changes: $said" >&2
  exit 1
}
${defineListing(want)}
listed || exit
tries=0
until printf '%s\n' "$urls" | grep -q -F ${`"${want.url}"`}; do
  said=$(printf %s ${encodeRequests(want, [create]).reveal()} | ask "$token") || exit
  # 500: it does not reach the agents yet.
  case $said in *200 | *500) ;; *) echo "Portainer says: $said" >&2; exit 1 ;; esac
  tries=$((tries + 2)); [ $tries -lt ${seconds} ] || {
    echo ${`Portainer does not reach ${want.url} after ${seconds} s:`} "$said" >&2
    exit 1
  }
  listed || exit
  case $said in *500) sleep 2 ;; esac
done
${keepOutput(locateLogin(want), sh`printf '%s\n' ${want.version} "$login"`)}`
}
