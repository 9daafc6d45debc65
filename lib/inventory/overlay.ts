import type { Layer } from './layers.ts'

type Tree = { readonly [name: string]: unknown }

/**
 * Values laid over a whole inventory. Hosts that it does not name are left out: a run in the lab
 * never reaches for a real server.
 */
export interface Overlay {
  /** What errors and `why` call it: `lab`. */
  readonly name: string
  /** Settings for every host. Null takes a value away. */
  readonly all: Tree
  /** The hosts that there are, and their own settings. */
  readonly hosts: Readonly<Record<string, Tree>>
}

/** The overlay as a layer, for one of its hosts or for none in particular. */
export const overlayLayer = ({ name, all, hosts }: Overlay, host?: string): Layer => ({
  level: name,
  values: { ...all, ...(host === undefined ? {} : hosts[host]) },
  place: () => name,
})

/** What the lab knows of itself. */
export interface LabState {
  /** Its hosts by the names they have in hosts.yaml. */
  readonly hosts: Readonly<
    Record<string, { readonly address: string; readonly port: number; readonly user: string }>
  >
  /** Private key file that logs in to all of them. */
  readonly key: string
  /** known_hosts file with their enrolled keys. */
  readonly knownHosts: string
  /** Its ACME server's directory, and the PEM file of the CA to trust it by. */
  readonly acme: { readonly server: string; readonly ca: string }
  /** Address of its registry, which mirrors Docker Hub. */
  readonly mirror: string
  /** Its network, the only one that reaches its hosts. */
  readonly network: { readonly subnet: string }
}

/**
 * The overlay that turns hosts.yaml into the lab: its addresses and keys, its certificates, its
 * registry, Debian's Docker.
 */
export const overlayOfLab = ({
  hosts,
  key,
  knownHosts,
  acme,
  mirror,
  network,
}: LabState): Overlay => ({
  name: 'lab',
  all: {
    identityFile: key,
    knownHosts,
    sudo: null,
    acme: { server: acme.server, ca: acme.ca },
    firewall: { admin: [network.subnet] },
    engine: { package: 'docker.io', version: null, mirrors: [mirror] },
  },
  hosts: Object.fromEntries(
    Object.entries(hosts).map(([name, { address, port, user }]) => [name, { address, port, user }]),
  ),
})
