import { type Sh, sh } from '../../sh.ts'
import { type Where, within } from '../docker/within.ts'

/** A Redis that runs on this host: as a service of the swarm, in a container, or as it is. */
export type Server = Where & {
  /**
   * File that holds the password and nothing else, where the client runs. Default: no password is
   * asked for.
   */
  readonly passwordFile?: `/${string}`
  /** Its user. Default `default`. */
  readonly user?: string
  /** Its port where the client runs. Default 6379. */
  readonly port?: number
}

/**
 * Defines `redis`, which runs the commands on its stdin and prints what they are answered with. The
 * password comes from its file by the same stdin: it is in no argument and in
 * no environment. Ends with exit 3 where the server does not run on this host.
 */
export const redisCli = (server: Server): Sh => {
  const { service, container, passwordFile, user, port = 6379 } = server
  const local = service === undefined && container === undefined
  return sh`${within(server)}
${local ? sh`command -v redis-cli >/dev/null || { echo 'the client redis-cli is not installed' >&2; exit 3; }` : sh`:`}
redis() { within sh -c ${passwordFile === undefined ? open : withPassword} redis ${port} ${passwordFile ?? []} ${passwordFile && user ? user : []}; }`
}

const open = 'exec redis-cli -p "$1"'
// AUTH's own answer is left out where it is OK; where it is not, it is the only one.
const withPassword = `p=$(sed 's/[\\\\"]/\\\\&/g' "$2") || exit 3
{ printf 'AUTH %s"%s"\\n' "\${3:+$3 }" "$p"; cat; } | redis-cli -p "$1" | { IFS= read -r said; [ "$said" = OK ] && cat || { printf '%s\\n' "$said"; cat >/dev/null; }; }`
