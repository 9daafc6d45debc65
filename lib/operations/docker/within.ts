import { type Sh, sh } from '../../sh.ts'

/** Where a server runs on this host. */
export type Where =
  | {
      /**
       * A service of the swarm, by its full name (`stage-data_mariadb`); its task is on this node,
       * and healthy.
       */
      readonly service: string
      readonly container?: never
    }
  | {
      /** A container outside of the swarm, by its name; it runs. */
      readonly container: string
      readonly service?: never
    }
  | { readonly service?: never; readonly container?: never }

/**
 * Defines `within COMMAND…`, which runs that where the server is, with its stdin; of a server in a
 * container `$id` is that. Ends with exit 3 where the server does not run on this host.
 */
export const within = ({ service, container }: Where): Sh => {
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

/** What the server is called in names of operations. */
export const placeOf = ({ service, container }: Where): string =>
  service ?? container ?? 'this host'
