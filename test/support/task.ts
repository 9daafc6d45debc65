import { sh } from '../../lib/sh.ts'
import type { LabHost } from './lab-host.ts'

/**
 * Runs in a container of a service, with a value as its stdin; what it printed, whatever its end. The host is a manager. Throws where no task of
 * the service is to go on: one that is being stopped still runs for seconds and is not taken.
 */
export const inside = (host: LabHost, service: string, script: string, value = ''): string =>
  host.root(
    sh`id=$(for task in $(docker service ps --quiet --no-trunc --filter desired-state=running ${service}); do
  docker ps --quiet --filter label=com.docker.swarm.task.id="$task"
done | head -n 1)
[ -n "$id" ]
printf %s ${Buffer.from(value).toString('base64')} | base64 -d | docker exec --interactive "$id" sh -c ${script} 2>&1 || :`.text,
  )
