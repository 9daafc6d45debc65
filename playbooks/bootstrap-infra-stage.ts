#!/usr/bin/env -S npx zx
/** Raises BRD infra stage, the cluster that the old servers' environments move to. */
import { playbook } from '../lib/playbook.ts'
import { raise } from './raise/cluster.ts'

const run = await playbook(import.meta, {
  about:
    'Raises BRD infra stage: hardened servers, Docker, a swarm, Traefik, Portainer, Loki and Grafana. Run again, it changes nothing.',
})
await raise(run, run.cluster('brd-infra-stage'))
