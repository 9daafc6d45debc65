import { type Sh, sh } from '../../sh.ts'

/** A MariaDB that runs as a service of the swarm. */
export type Database = {
  /** The service's full name (`stage-data_mariadb`); its task is on this node. */
  readonly service: string
}

/**
 * Defines `sql`, which runs what stands on its stdin as the administrator, in the container itself: its login is a file there. Ends with exit 3 where no task of the
 * service is healthy on this node.
 */
export const sql = ({ service }: Database): Sh => sh`command -v docker >/dev/null || { echo 'Docker is not installed' >&2; exit 3; }
id=$(docker ps --quiet --filter ${`label=com.docker.swarm.service.name=${service}`} --filter health=healthy) || exit
[ -n "$id" ] || { echo ${`no healthy task of ${service} runs on this node`} >&2; exit 3; }
sql() { docker exec --interactive "\${id%%
*}" mariadb --defaults-extra-file=/run/secrets/root.cnf --batch --skip-column-names --raw; }`

/** A text of SQL. */
export const text = (value: string): string => `'${value.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`
