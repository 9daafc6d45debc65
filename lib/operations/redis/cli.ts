import { type Sh, sh } from '../../sh.ts'
import { defineWithin, type Location } from '../docker/within.ts'

/** A Redis on this host: a service of the swarm, a container, or the host's own server. */
export type RedisServer = Location & {
  /**
   * A file with only the password, on the system on which the client runs. Default: no password.
   */
  readonly passwordFile?: `/${string}`
  /** Its user. Default `default`. */
  readonly user?: string
  /** Its port, seen by the client. Default 6379. */
  readonly port?: number
}

/**
 * Defines `redis`, which runs the commands on its stdin and prints the answers. The client gets the
 * password from its file on the same stdin, never in argv or the environment. Exits with 3 if the
 * server does not run on this host.
 */
export const defineRedis = (server: RedisServer): Sh => {
  const { service, container, passwordFile, user, port = 6379 } = server
  const local = service === undefined && container === undefined
  return sh`${defineWithin(server)}
${local ? needsClient : sh`:`}
redis() {
  within sh -c ${passwordFile === undefined ? open : withPassword} redis ${port} \
    ${passwordFile ?? []} ${passwordFile && user ? user : []}
}`
}

const needsClient: Sh = sh`command -v redis-cli >/dev/null || {
  echo 'the client redis-cli is not installed' >&2
  exit 3
}`

const open = 'exec redis-cli -p "$1"'
// Leaves out AUTH's answer if it is OK; otherwise it is the only one.
const withPassword = `p=$(sed 's/[\\\\"]/\\\\&/g' "$2") || exit 3
{ printf 'AUTH %s"%s"\\n' "\${3:+$3 }" "$p"; cat; } | redis-cli -p "$1" | {
  IFS= read -r said
  [ "$said" = OK ] && cat || { printf '%s\\n' "$said"; cat >/dev/null; }
}`
