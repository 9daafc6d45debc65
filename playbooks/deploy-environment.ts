#!/usr/bin/env -S npx zx
/** Deploys an environment on its cluster: `npx zx playbooks/deploy-environment.ts --env stage`. */
import { playbook } from '../lib/playbook.ts'
import { deploy } from './deploy/deploy.ts'

const run = await playbook(import.meta, {
  about:
    'Deploys an environment: nginx, php-fpm, worker, cron, MariaDB, Redis, wal-g and restic, ' +
    'attached to its bucket, under its host names.',
  flags: {
    env: { type: 'string', help: 'its name in hosts.yaml; required', required: true },
    release: {
      type: 'string',
      help:
        'a release of the application: a digest (sha256:…), a tag, or an image ' +
        '(default: hosts.yaml)',
    },
  },
})
await deploy(run, run.flags)
