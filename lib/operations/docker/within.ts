import { type Sh, sh } from '../../sh.ts'

/** Locates a server on this host. */
export type Location =
  | {
      /**
       * A service of the swarm, by its full name (`stage-data_mariadb`), with a healthy task on
       * this node.
       */
      readonly service: string
      readonly container?: never
    }
  | {
      /** A running container outside of the swarm, by its name. */
      readonly container: string
      readonly service?: never
    }
  | { readonly service?: never; readonly container?: never }

/**
 * Defines `within COMMAND…`, which runs a command next to the server, with its stdin. Sets `$id` to
 * the server's container, if it has one. Exits with 3 if the server does not run on this host.
 */
export const defineWithin = ({ service, container }: Location): Sh => {
  if (service === undefined && container === undefined) return sh`within() { "$@"; }`
  const filters =
    service === undefined
      ? ['--filter', `name=^/?${container?.replaceAll('.', '\\.')}$`, '--filter', 'status=running']
      : ['--filter', `label=com.docker.swarm.service.name=${service}`, '--filter', 'health=healthy']
  const none =
    service === undefined
      ? `no container ${container} runs on this host`
      : `no healthy task of ${service} runs on this node`
  return sh`command -v docker >/dev/null || { echo 'Docker is not installed' >&2; exit 3; }
id=$(docker ps --quiet ${filters}) || exit
[ -n "$id" ] || { echo ${none} >&2; exit 3; }
id=\${id%%
*}
within() { docker exec --interactive "$id" "$@"; }`
}

/** Returns the server's name for names of operations. */
export const nameLocation = ({ service, container }: Location): string =>
  service ?? container ?? 'this host'
