import { change, type Operation, operation, Unknown, unreadable } from '../operation.ts'
import { type Sh, sh } from '../sh.ts'

export type Answers = {
  /** The host name that is asked for, and that the certificate must be of. */
  readonly host: string
  /** Default `/`. */
  readonly path?: `/${string}`
  /** Address of the server that is asked, whatever the name resolves to. Default 127.0.0.1. */
  readonly via?: string
  /** Default https. */
  readonly scheme?: 'https' | 'http'
  /** Default 443 or 80. */
  readonly port?: number
  /** The status expected. Default 200. What asks for a password answers 401: a probe has none. */
  readonly status?: number
  /** A text that the answer holds. Default: any answer will do. */
  readonly text?: string
  /** PEM file on the host with the CA to trust. Default: those of the system. */
  readonly ca?: `/${string}`
  /**
   * What makes it answer: while that has a change pending, the answer is unknown. Default: nothing
   * that is listed.
   */
  readonly waitFor?: Operation
  /** How long to wait for it, in seconds: a first certificate takes its time. Default 120. */
  readonly timeoutSeconds?: number
}

/**
 * A web server answers as expected, with a certificate that is trusted. Asked from the host itself;
 * the only change is to wait for it.
 */
const answers = operation('http.answers', {
  name: (want: Answers) => url(want),
  probe: want => sh`command -v curl >/dev/null || { echo 'curl is not installed' >&2; exit 3; }
${ask(want)}
ask`,
  read: out => {
    const said = out.stdout.toString().trim()
    return out.exitCode === 0 && said !== '' ? said : unreadable(out)
  },
  plan: (now, want, { pending }) => {
    const wanted = expected(want)
    if (now !== wanted && want.waitFor && pending(want.waitFor))
      return new Unknown(`${words(now)}, until ${want.waitFor.id}`)
    const seconds = want.timeoutSeconds ?? 120
    return change(
      now === wanted ? [] : [{ key: 'answer', before: words(now), after: wanted }],
      sh`${ask(want)}
end=$(($(date +%s) + ${seconds}))
until said=$(ask); [ "$said" = ${wanted} ]; do
  [ "$(date +%s)" -lt $end ] ||
    { echo ${`${url(want)} does not answer as expected after ${seconds} s:`} "$said" >&2
      explain >&2; exit 1; }
  sleep 2
done`,
      { seconds: seconds + 30 },
    )
  },
  probeSeconds: 20,
})

export const http = {
  /** A web server answers as expected, with a certificate that is trusted. */
  answers,
}

const url = ({ scheme = 'https', host, port, path = '/' }: Answers): string =>
  `${scheme}://${host}${port === undefined ? '' : `:${port}`}${path}`
const expected = ({ status = 200, text }: Answers): string =>
  `HTTP ${status}${text === undefined ? '' : ` with ${JSON.stringify(text)}`}`

/**
 * Defines `ask`, which prints one line that stays the same while the answer does, and `explain` for
 * what curl says of it.
 */
const ask = (want: Answers): Sh => {
  const {
    scheme = 'https',
    host,
    port = scheme === 'https' ? 443 : 80,
    via = '127.0.0.1',
    ca,
    text,
  } = want
  const trust = ca === undefined ? [] : ['--cacert', ca]
  const curl = sh`curl --silent --max-time 8 --resolve ${`${host}:${port}:${via}`} ${trust}`
  return text === undefined
    ? sh`ask() { code=$(${curl} --output /dev/null --write-out '%{http_code}' ${url(want)}) &&
  echo "HTTP $code" || echo "curl $?"; }
explain() { ${curl} --show-error --output /dev/null ${url(want)} 2>&1; }`
    : sh`ask() {
  body=$(${curl} --write-out '\n%{http_code}' ${url(want)} | tr -d '\000'; ) || :
  code=\${body##*
}
  case $body in
    *${text}*) echo "HTTP $code with "${JSON.stringify(text)} ;;
    *) [ "$code" = 000 ] && echo 'curl 7' || echo "HTTP $code without "${JSON.stringify(text)} ;;
  esac
}
explain() { ${curl} --show-error --output /dev/null ${url(want)} 2>&1; }`
}

const reasons: Readonly<Record<string, string>> = {
  'curl 6': 'the name does not resolve',
  'curl 7': 'no connection',
  'curl 28': 'no answer in time',
  'curl 35': 'no TLS',
  'curl 52': 'an empty answer',
  'curl 60': 'a certificate that is not trusted',
}
const words = (said: string): string => reasons[said] ?? said
