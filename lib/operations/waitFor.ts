import { OptionError } from '../errors/option-error.ts'
import { change, type Operation, operation, Unknown, unreadable } from '../operation.ts'
import { type Sh, sh } from '../sh.ts'
import { refuseLogin } from './file/address.ts'
import { checkPath, type Path } from './file/entry.ts'

type WaitOptions = {
  /**
   * The operation that brings the state about: while it has a pending change, whether to wait is
   * unknown. Default: no operation.
   */
  readonly after?: Operation
  /** How long to wait for it, in seconds. Default 300. */
  readonly timeoutSeconds?: number
}

export type WaitFor = WaitOptions &
  (
    | {
        /** A TCP port that accepts connections, tried from the host itself. */
        readonly port: number
        /** The host of the port. Default 127.0.0.1. */
        readonly host?: string
        /**
         * Of a port, `stopped`: it accepts no connections. Of a path, `absent`: nothing is there,
         * or no line matches. Default started, present.
         */
        readonly state?: 'started' | 'stopped'
        readonly url?: never
        readonly path?: never
      }
    | {
        /**
         * An address that answers, requested from the host itself with curl. For private
         * certificates and names: `http.answers`.
         */
        readonly url: `http://${string}` | `https://${string}`
        /** The status expected. Default 200. */
        readonly status?: number
        readonly port?: never
        readonly path?: never
      }
    | {
        /** A path at which something exists. */
        readonly path: Path
        /**
         * A POSIX extended regular expression that a line of the file must match, such as the line
         * of a log. Default: any content.
         */
        readonly search?: string
        /** `absent`: it does not exist. Default present. */
        readonly state?: 'present' | 'absent'
        readonly port?: never
        readonly url?: never
      }
  )

/**
 * A port, an address, a file or a line of a file is present, or is absent. The only change is to
 * wait for it.
 */
export const waitFor = operation('waitFor', {
  check: (want: WaitFor) => {
    if (want.path !== undefined) checkPath(want.path)
    if (want.url !== undefined)
      refuseLogin('url', want.url, 'give it without: a status of 401 tells that it answers')
    if (
      want.port !== undefined &&
      !(Number.isInteger(want.port) && want.port > 0 && want.port < 65536)
    )
      throw new OptionError({
        message: `port: ${want.port} is not a port`,
        next: 'give 1 to 65535',
      })
  },
  name: (want: WaitFor) => describeSubject(want),
  probe: want => sh`${defineAsk(want)}
ask; case $? in 0) echo yes;; 1) echo no;; *) exit 3;; esac`,
  read: out => {
    const word = out.stdout.toString().trim()
    return out.exitCode === 0 && (word === 'yes' || word === 'no')
      ? word === 'yes'
      : unreadable(out)
  },
  plan: (is, want, { pending }) => {
    const [now, then] = describeStates(want)
    if (want.after && pending(want.after))
      return new Unknown(`${is ? then : now}, until ${want.after.id}`)
    const seconds = want.timeoutSeconds ?? 300
    return change(
      is ? [] : [{ key: describeSubject(want), before: now, after: then }],
      sh`${defineAsk(want)}
end=$(($(date +%s) + ${seconds}))
until ask; do
  [ "$(date +%s)" -lt "$end" ] ||
    { echo ${`${describeSubject(want)}: still ${now} after ${seconds} s`} >&2; exit 1; }
  sleep 1
done`,
      { seconds: seconds + 30 },
    )
  },
})

const describeSubject = (want: WaitFor): string => {
  if (want.port !== undefined) return `port ${want.port} of ${want.host ?? '127.0.0.1'}`
  if (want.url !== undefined) return want.url
  return want.search === undefined ? want.path : `${JSON.stringify(want.search)} in ${want.path}`
}

/** The words for the state while the change waits, and for the state afterwards. */
const describeStates = (want: WaitFor): readonly [string, string] => {
  if (want.port !== undefined)
    return want.state === 'stopped' ? ['open', 'closed'] : ['closed', 'open']
  if (want.url !== undefined) return ['does not answer', `answers with ${want.status ?? 200}`]
  return want.state === 'absent' ? ['present', 'absent'] : ['absent', 'present']
}

/** Defines `ask`: 0 if the condition holds, 1 if it does not, 2 if that cannot be determined. */
const defineAsk = (want: WaitFor): Sh => {
  if (want.port !== undefined)
    return defineAskFrom(tryPort(want.host ?? '127.0.0.1', want.port), want.state === 'stopped')
  if (want.url !== undefined)
    return defineAskFrom(
      sh`command -v curl >/dev/null || { echo 'curl is not installed' >&2; return 2; }
  [ "$(curl --silent --max-time 8 --output /dev/null --write-out '%{http_code}' \
    ${want.url})" = ${want.status ?? 200} ]`,
      false,
    )
  if (want.search === undefined)
    return defineAskFrom(sh`[ -e ${want.path} ] || [ -h ${want.path} ]`, want.state === 'absent')
  return defineAskFrom(
    sh`[ -e ${want.path} ] || return 1; grep -qE -e ${want.search} ${want.path}`,
    want.state === 'absent',
  )
}

const defineAskFrom = (look: Sh, not: boolean): Sh => sh`look() { ${look}
}
ask() { look; r=$?; ${not ? sh`case $r in 0) return 1;; 1) return 0;; esac; ` : sh``}return $r; }`

/**
 * With bash, otherwise with busybox's nc. nc stays until the other side closes: if `timeout` ends
 * it, it was connected. A port that refuses, does not answer or has no address is "closed".
 */
const tryPort = (host: string, number: number): Sh => sh`if command -v bash >/dev/null; then
    timeout 5 bash -c ': <"/dev/tcp/$0/$1"' ${host} ${number} 2>/dev/null || return 1
  elif command -v nc >/dev/null; then
    timeout 5 nc -w 3 ${host} ${number} </dev/null >/dev/null 2>&1
    case $? in 0|124|143) return 0;; *) return 1;; esac
  else echo 'neither bash nor nc is there to try a port' >&2; return 2; fi`
