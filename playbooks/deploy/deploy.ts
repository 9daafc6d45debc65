/** Deploying one environment: shared by the playbooks that do. */
import type { Host } from '../../lib/inventory/inventory.ts'
import type { Operation } from '../../lib/operation.ts'
import type { Run } from '../../lib/run.ts'
import { environment, type Lists } from '../../roles/environment.ts'
import { firstManager } from '../cluster.ts'
import { remark } from '../remark.ts'
import { entryOf, optionsOf } from './environment.ts'

/**
 * The environment runs as hosts.yaml says, or with this release. Where its server is the cluster's manager all is one list: one round trip when nothing differs. Else
 * the lists go back and forth between the two, and the first that fails is the last.
 */
export const deploy = async (run: Run, { env, release }: { readonly env: string; readonly release?: string }): Promise<void> => {
  const entry = entryOf(run.inventory, env)
  const options = await optionsOf(entry, run, run.lab, release)
  const lists = environment(options)
  for (const [host, roles] of parts(lists, entry.server, firstManager(entry.cluster))) {
    const { failed } = await run.play([host], () => roles, `${entry.title}: ${Object.keys(roles).join(', ')}`)
    if (failed.length > 0) return
  }
  remark(run, Object.values(options.images))
  if (release !== undefined && !run.flags.check)
    run.note(
      `hosts.yaml still names ${entry.vars.app.images.app ?? 'no image'}: write ${options.images.app} there (environments.${env}.app.images.app), or the next deploy goes back to it`,
    )
}

/** On the manager, or on the server that holds the environment. */
const parts = (lists: Lists, server: Host, first: Host): readonly (readonly [Host, Record<string, readonly Operation[]>])[] => {
  if (server === first) return [[server, { ...lists }]]
  return [
    [server, { bucket: lists.bucket }],
    [first, { data: lists.data }],
    [server, { database: lists.database }],
    [first, { serving: lists.serving }],
  ]
}
