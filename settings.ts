/** The settings of this project's roles: the keys that hosts.yaml may have. */
import type { LabState } from './lib/inventory/lab-state.ts'
import { baseSettings } from './roles/base/settings.ts'
import { dockerSettings } from './roles/docker/settings.ts'
import { environmentSettings } from './roles/environment/settings.ts'
import { grafanaSettings } from './roles/grafana/settings.ts'
import { lokiSettings } from './roles/loki/settings.ts'
import { portainerSettings } from './roles/portainer/settings.ts'
import { swarmSettings } from './roles/swarm/settings.ts'
import { traefikSettings } from './roles/traefik/settings.ts'

export const settings = [
  baseSettings,
  dockerSettings,
  swarmSettings,
  traefikSettings,
  portainerSettings,
  lokiSettings,
  grafanaSettings,
  environmentSettings,
] as const

/**
 * What `--lab` lays over hosts.yaml, beside addresses and keys: the lab's certificates, its
 * network,
 * its registry, and Debian's Docker, whose version is another.
 */
export const inLab = ({ acme, mirror, network }: LabSettings) => ({
  acme: { server: acme.server, ca: acme.ca },
  firewall: { admin: [network.subnet] },
  engine: { package: 'docker.io', version: null, mirrors: [mirror] },
})

type LabSettings = {
  readonly acme: Pick<LabState['acme'], 'server' | 'ca'>
  readonly mirror: string
  readonly network: Pick<LabState['network'], 'subnet'>
}

declare module './lib/settings.ts' {
  interface Register {
    settings: typeof settings
  }
}
