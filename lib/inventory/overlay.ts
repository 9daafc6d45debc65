import type { LabState } from './lab-state.ts'
import type { Layer, VarTree } from './layers.ts'

/**
 * Values laid over a whole inventory. Hosts that it does not name are left out: a run in the lab
 * never reaches for a real server.
 */
export interface Overlay {
  /** What errors and `why` call it: `lab`. */
  readonly name: string
  /** Settings for every host. Null takes a value away. */
  readonly all: VarTree
  /** The hosts that there are, and their own settings. */
  readonly hosts: Readonly<Record<string, VarTree>>
}

/** The overlay as a layer, for one of its hosts or for none in particular. */
export const makeOverlayLayer = ({ name, all, hosts }: Overlay, host?: string): Layer => ({
  level: name,
  values: { ...all, ...(host === undefined ? {} : hosts[host]) },
  place: () => name,
})

/** What the overlay reads of the lab. */
export type LabHosts = Pick<LabState, 'hosts' | 'key' | 'knownHosts'>

/**
 * The overlay that turns hosts.yaml into the lab: its addresses and keys, and the settings that
 * settings.ts has for it.
 */
export const makeLabOverlay = (
  { hosts, key, knownHosts }: LabHosts,
  settings: VarTree = {},
): Overlay => ({
  name: 'lab',
  all: { identityFile: key, knownHosts, sudo: null, ...settings },
  hosts: Object.fromEntries(
    Object.entries(hosts).map(([name, { address, port, user }]) => [name, { address, port, user }]),
  ),
})
