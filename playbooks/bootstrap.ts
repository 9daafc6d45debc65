#!/usr/bin/env -S npx zx
/** Raises one cluster of hosts.yaml: `npx zx playbooks/bootstrap.ts --cluster brd-new-prod`. */
import { playbook } from '../lib/playbook.ts'
import { bootstrap } from './bootstrap/cluster.ts'

const run = await playbook(import.meta, {
  about:
    'Raises one cluster of hosts.yaml: hardened servers, Docker, a swarm, Traefik, Portainer, ' +
    'Loki and Grafana.',
  flags: { cluster: { type: 'string', help: 'its name in hosts.yaml; required', required: true } },
})
await bootstrap(run, run.cluster(run.flags.cluster))
