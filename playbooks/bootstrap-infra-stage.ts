#!/usr/bin/env -S npx zx
/** Raises BRD infra stage, the cluster that the old servers' environments move to. */
import { playbook } from '../lib/playbook.ts'
import { bootstrap } from './bootstrap/cluster.ts'

const run = await playbook(import.meta, {
  about:
    'Raises BRD infra stage: hardened servers, Docker, a swarm, Traefik, Portainer, Loki and ' +
    'Grafana. A second run changes nothing.',
})
await bootstrap(run, run.cluster('brd-infra-stage'))
