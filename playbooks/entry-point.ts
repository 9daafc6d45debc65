/**
 * The entry point of a cluster: shared by the playbooks that raise it and those that put an
 * environment behind it.
 */
import { readFileSync } from 'node:fs'
import type { Cluster } from '../lib/inventory/inventory.ts'
import type { LabState } from '../lib/inventory/lab-state.ts'
import type { Operation } from '../lib/operation.ts'
import type { Run } from '../lib/run/run.ts'
import type { Secret } from '../lib/secret.ts'
import { traefik } from '../roles/traefik.ts'
import { findFirstManager, LAB_ROOT, nameEdges, TOOLS_NETWORK } from './cluster.ts'

/**
 * Traefik, on a network with the tools and on one with each environment that hosts.yaml places in
 * the cluster: they do not see each other. On the first manager.
 */
export const listEntryPoint = (
  run: Run,
  cluster: Cluster,
  password: Secret,
): readonly Operation[] => {
  const { acme, domain, images, swarm } = findFirstManager(cluster).vars
  const { email, server, ca } = acme
  return traefik({
    ...adaptToLab(run.lab),
    encrypted: encryptsOverlays(run.lab, swarm),
    domain,
    hmac: run.hmac,
    image: images.traefik,
    socketProxy: images.socketProxy,
    networks: [TOOLS_NETWORK, ...nameEdges(run.inventory, cluster)],
    users: { admin: password },
    acme: { email, server, ...(ca === undefined ? {} : { ca: readFileSync(ca, 'utf8') }) },
  })
}

/**
 * What differs in the lab: less fits into a packet, and certificates are signed by its own
 * authority.
 */
export const adaptToLab = (lab: LabState | null) =>
  lab ? { mtu: lab.network.mtu - 50, ask: { ca: LAB_ROOT } as const } : {}

/**
 * The lab's kernel may have no ESP: its networks are then unencrypted, whatever hosts.yaml says.
 */
export const encryptsOverlays = (
  lab: LabState | null,
  { encrypted }: { readonly encrypted: boolean },
): boolean => encrypted && (lab?.capabilities.esp ?? true)
