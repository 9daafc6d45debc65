/** Deploying one environment: shared by the playbooks that do. */
import type { Environment as Entry } from '../../lib/inventory/inventory.ts'
import { requireSettings } from '../../lib/inventory/require-settings.ts'
import type { Operation } from '../../lib/operation.ts'
import type { Run } from '../../lib/run/run.ts'
import { environmentSettings } from '../../roles/environment/settings.ts'
import { type EnvironmentOptions, environment, type Lists } from '../../roles/environment.ts'
import { traefikSettings } from '../../roles/traefik/settings.ts'
import { findFirstManager } from '../cluster.ts'
import { listEntryPoint } from '../entry-point.ts'
import { noteStandIns } from '../note-stand-ins.ts'
import { findEnvironment, readEnvironmentOptions } from './environment.ts'
import { publishManifestKey } from './secrets.ts'

/**
 * The environment runs as hosts.yaml says, or with this release. Where its server is the cluster's
 * manager all is one list: one round trip when nothing differs. Else
 * the lists go back and forth between the two, and the first that fails is the last.
 */
export const deploy = async (
  run: Run,
  { env, release }: { readonly env: string; readonly release?: string },
): Promise<void> => {
  const entry = findEnvironment(run.inventory, env)
  requireServers(run, entry)
  requireSettings([entry], [environmentSettings, traefikSettings])
  const options = await readEnvironmentOptions(entry, run, run.lab, release)
  if (!(await playEnvironment(run, entry, options))) return
  noteStandIns(run, Object.values(options.images))
  if (release !== undefined && run.mode !== 'check')
    run.note(
      `hosts.yaml still names ${entry.vars.app.images.app ?? 'no image'}: write ` +
        `${options.images.app} there (environments.${env}.app.images.app), ` +
        'or the next deploy goes back to it',
    )
}

/** Ends the run if --limit leaves out a server of the environment: lists build on each other. */
export const requireServers = (run: Run, { title, server, cluster }: Entry): void =>
  run.requireHosts(
    [server, findFirstManager(cluster)],
    `${title} is deployed as a whole, on its server and on the manager of its swarm`,
  )

/** The environment runs as these options say: true where every list was played to its end. */
export const playEnvironment = async (
  run: Run,
  entry: Entry,
  options: EnvironmentOptions,
): Promise<boolean> => {
  await publishManifestKey(entry, run)
  const routed = listEntryPoint(
    run,
    entry.cluster,
    await run.secret(`${entry.cluster.name}/traefik-admin`),
  )
  for (const [host, roles] of splitLists(entry, environment(options), routed)) {
    const { failed } = await run.play(
      [host],
      () => roles,
      `${entry.title}: ${Object.keys(roles).join(', ')}`,
    )
    if (failed.length > 0) return false
  }
  return true
}

/**
 * On the manager, or on the server that holds the environment. The entry point comes with it: an
 * entry in hosts.yaml is all that one more environment needs.
 */
const splitLists = (
  { server, cluster }: Entry,
  { diskSpace: room, bucket, ...lists }: Lists,
  entry: readonly Operation[],
) => {
  const first = findFirstManager(cluster)
  if (server === first) return [[server, { room, bucket, entry, ...lists }]] as const
  return [
    [server, { room, bucket }],
    [first, { entry, data: lists.data }],
    [server, { database: lists.database }],
    [first, { serving: lists.serving }],
  ] as const
}
