#!/usr/bin/env -S npx zx
/** Rotates secrets: `npx zx playbooks/rotate.ts --env stage --secret database`. */
import { splitNames } from '../lib/cli/command-line.ts'
import { InputError } from '../lib/errors/input-error.ts'
import { playbook } from '../lib/playbook.ts'
import { rotateTools } from './rotate/cluster.ts'
import { rotate } from './rotate/environment.ts'

const run = await playbook(import.meta, {
  about:
    'Rotates secrets without downtime: adds the new value beside the old one, switches its users ' +
    'over, then revokes the old value and verifies that it is refused. ' +
    'Run the same command again to finish an interrupted rotation.',
  flags: {
    env: { type: 'string', help: 'an environment of hosts.yaml; or' },
    cluster: { type: 'string', help: 'a cluster of hosts.yaml' },
    secret: {
      type: 'string',
      multiple: true,
      required: true,
      help:
        'database[-root|-backup|-monitor], redis[-admin], restic, walg, s3, backup-write, ' +
        'backup-prune, app:NAME; ' +
        'of a cluster: grafana, portainer; several: a,b',
    },
    generate: {
      type: 'boolean',
      help: 'app:NAME: generate the new value if NAME.next is not in the store',
    },
  },
})
const { env, cluster, secret, generate = false } = run.flags
for (const flag of ['tags', 'skip-tags', 'start-at', 'step', 'plan', 'plan-out'] as const)
  if (run.flags[flag])
    throw new InputError({
      place: `--${flag}`,
      message: 'a rotation is done as a whole: a step that is left out would lose a value',
    })
const secrets = splitNames('--secret', secret)
if (env !== undefined && cluster === undefined) await rotate(run, { env, secrets, generate })
else if (cluster !== undefined && env === undefined)
  await rotateTools(run, run.cluster(cluster), secrets)
else
  throw new InputError({
    place: 'playbooks/rotate.ts',
    message: 'either --env or --cluster must be given',
    next: 'see --help',
  })
