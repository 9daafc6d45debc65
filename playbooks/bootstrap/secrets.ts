/** The secrets of a cluster's tools, by their names in the store. */
import type { Hmac } from '../../lib/compose/names.ts'
import type { Cluster } from '../../lib/inventory/inventory.ts'
import type { PinnedSecret } from '../../lib/operations/secretsUnchanged.ts'
import type { Run } from '../../lib/run/run.ts'
import type { Secret } from '../../lib/secret.ts'
import { type Generations, readGenerations } from '../../lib/secrets/generations.ts'

/** The tools that read their password once, when their database is made. */
export const TOOLS = ['grafana', 'portainer'] as const
export type Tool = (typeof TOOLS)[number]

export type ToolSecrets = Readonly<Record<Tool, Generations>> & {
  readonly entry: Secret
  readonly grafanaKey: Secret
  readonly agentSecret: Secret
}

/** Reads all of them. Those that the store lacks are made. */
export const readToolSecrets = async (
  run: Run,
  { name }: Pick<Cluster, 'name'>,
): Promise<ToolSecrets> => ({
  entry: await run.secret(`${name}/traefik-admin`),
  portainer: await readGenerations(run, nameToolSecret(name, 'portainer')),
  grafana: await readGenerations(run, nameToolSecret(name, 'grafana')),
  grafanaKey: await run.secret(`${name}/grafana-secret-key`),
  agentSecret: await run.secret(`${name}/portainer-agent-secret`),
})

/** The name of a tool's password in the store. */
export const nameToolSecret = (cluster: string, tool: Tool): string => `${cluster}/${tool}-admin`

/** Lets the host tell whether the password is the one that was deployed before. */
export const pinToolSecret = (
  cluster: string,
  tool: Tool,
  { name, now, previous }: Generations,
  hmac: Hmac,
  rotating: boolean,
): PinnedSecret => {
  const stamp = (secret: Secret): string => hmac(`kept ${name}`, secret)
  return {
    stamps: [stamp(now), ...(previous ? [stamp(previous)] : [])],
    rotate: `npx zx playbooks/rotate.ts --cluster ${cluster} --secret ${tool}`,
    rotating,
  }
}
