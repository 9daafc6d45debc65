import { Secret } from '../../secret.ts'
import { type Sh, sh } from '../../sh.ts'
import type { Answers } from '../http.ts'

/** A web server to send requests to from this host: its name and address. */
export type Site = Pick<Answers, 'host' | 'scheme' | 'port' | 'via' | 'ca'>

export type ApiRequest = {
  readonly method: 'GET' | 'POST' | 'PUT'
  readonly path: `/${string}`
  /** Name and password for basic authentication. Default: none. */
  readonly user?: readonly [name: string, password: Secret]
  /** Sent as JSON. */
  readonly body?: unknown
  /** Sent as the fields of a form. */
  readonly form?: Readonly<Record<string, string>>
}

/** Writes requests for the stdin of `ask`: one line of base64 each, to keep them out of argv. */
export const encodeRequests = (site: Site, all: readonly ApiRequest[]): Secret =>
  new Secret(
    all
      .map(request => `${Buffer.from(formatRequest(site, request)).toString('base64')}\n`)
      .join(''),
    `requests to ${site.host}`,
  )

/**
 * Defines `ask [TOKEN]`, which sends the next request from stdin. It prints the answer, then the
 * status on a separate line.
 */
export const defineAsk = ({
  host,
  scheme = 'https',
  port = scheme === 'https' ? 443 : 80,
  via = '127.0.0.1',
  ca,
}: Site): Sh => sh`ask() {
  read -r line || return
  {
    printf '%s' "$line" | base64 -d
    [ -z "\${1:-}" ] || printf 'header = "Authorization: Bearer %s"\n' "$1"
  } | curl --silent --show-error --max-time 30 --resolve ${`${host}:${port}:${via}`} \
    ${ca === undefined ? [] : ['--cacert', ca]} --write-out '\n%{http_code}\n' --config -
}`

const formatRequest = (
  { host, scheme = 'https', port }: Site,
  { method, path, user, body, form = {} }: ApiRequest,
): string =>
  [
    `url = "${scheme}://${host}${port === undefined ? '' : `:${port}`}${path}"`,
    `request = "${method}"`,
    ...(user ? [`user = "${escapeQuotes(`${user[0]}:${user[1].reveal()}`)}"`] : []),
    ...(body === undefined
      ? []
      : [
          `data = "${escapeQuotes(JSON.stringify(body))}"`,
          'header = "Content-Type: application/json"',
        ]),
    ...Object.entries(form).map(
      ([key, value]) => `form-string = "${escapeQuotes(`${key}=${value}`)}"`,
    ),
    '',
  ].join('\n')

const escapeQuotes = (text: string): string => text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')
