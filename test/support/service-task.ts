import { join, sh } from '../../lib/sh.ts'
import type { LabHost } from './lab-host.ts'

/** The manager of a cluster, and the server on which a service's tasks are. */
export type ServiceServers = { readonly manager: LabHost; readonly server: LabHost }

/**
 * Runs in a container of a service, with a value as its stdin; what it printed, whatever its end.
 * One host is both manager and server. Throws where no
 * task of the service is to go on there: one that is being stopped still runs for seconds and is
 * not taken.
 */
export const runInTask = (
  on: LabHost | ServiceServers,
  service: string,
  script: string,
  value = '',
): string => {
  const { manager, server } = 'manager' in on ? on : { manager: on, server: on }
  const tasks = manager
    .root(sh`docker service ps --quiet --no-trunc --filter desired-state=running ${service}`.text)
    .trim()
    .split('\n')
  const labelled = tasks.map(
    task => sh`docker ps --quiet --filter label=com.docker.swarm.task.id=${task}`,
  )
  return server.root(
    sh`id=$({ ${join(labelled, '; ')}; } | head -n 1)
[ -n "$id" ]
printf %s ${Buffer.from(value).toString('base64')} | base64 -d |
  docker exec --interactive "$id" sh -c ${script} 2>&1 || :`.text,
  )
}
