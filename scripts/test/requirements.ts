import type { HostName } from '../lab/network.ts'
import { isLive } from './select.ts'

/** The servers of the clusters that several live tests share. */
export const clusterHosts = {
  'brd-infra-old': ['old-one', 'old-two'],
  'brd-new-prod': ['new-prod'],
} as const satisfies Readonly<Record<string, readonly HostName[]>>
export type ClusterName = keyof typeof clusterHosts

/** What a test file needs while it runs. */
export type Requirements = {
  /** Its time limit in seconds. Default: 120, and 600 for a live test. */
  readonly seconds?: number
  /**
   * Hosts that no other file may use at the same time. Default: every host of the lab for a live
   * test, otherwise none. `local` is this machine, as a host that a playbook changes.
   */
  readonly hosts?: readonly (HostName | 'local')[]
  /** Whether a live test needs the images in the lab's registry. Default: true. */
  readonly images?: boolean
  /**
   * Clusters that a live test raises if they do not run yet, and leaves running. It has their
   * hosts, and between two files that share a cluster no other file gets them.
   */
  readonly clusters?: readonly ClusterName[]
}

/** The requirements of the unit tests that differ from the defaults. */
const unit: Readonly<Record<string, Requirements>> = {
  'test/lib/adhoc/run-on-host.test.ts': { seconds: 200 },
  'test/lib/converge/converge.test.ts': { seconds: 300 },
  'test/lib/inventory/project.test.ts': { hosts: ['local'] },
  'test/lib/operations/download.test.ts': { seconds: 300 },
  'test/lib/operations/firewall/proof.test.ts': { hosts: ['local'] },
  'test/lib/operations/full-disk.test.ts': { seconds: 300 },
  'test/lib/operations/git.test.ts': { seconds: 300 },
  'test/lib/operations/ini.test.ts': { seconds: 300 },
  'test/lib/operations/matrix.test.ts': { seconds: 600 },
  'test/lib/operations/tree.test.ts': { seconds: 300 },
  'test/lib/playbook.test.ts': { seconds: 200 },
  'test/lib/report/html/page.test.ts': { seconds: 240 },
  'test/lib/run/asking.test.ts': { seconds: 400 },
  'test/lib/run/facts/gather.test.ts': { seconds: 200, hosts: ['local'] },
  'test/lib/run/files/files.test.ts': { hosts: ['local'] },
  'test/lib/run/files/synchronise.test.ts': { seconds: 300 },
  'test/lib/run/plan/plan.test.ts': { seconds: 400 },
  'test/lib/run/play-batches.test.ts': { seconds: 400 },
  'test/lib/run/remote/quoting.test.ts': { seconds: 200 },
  'test/lib/startup/compiled.test.ts': { seconds: 400 },
  'test/lib/transport/protocol/lease.test.ts': { seconds: 300 },
  'test/lib/transport/ssh/files.test.ts': { seconds: 300 },
  'test/scripts/run.test.ts': { seconds: 400, hosts: ['local'] },
}

const oldServers = clusterHosts['brd-infra-old']

/**
 * The requirements of the live tests. They begin in this order: those that share a cluster follow
 * each other, and the longest of the others come first.
 */
const live: Readonly<Record<string, Requirements>> = {
  'test/live/cluster.test.ts': { seconds: 1400, clusters: ['brd-infra-old'] },
  'test/live/bootstrap.test.ts': { seconds: 1500, hosts: ['infra-stage'] },
  // They begin with a new host, so they come before the cluster that its host is raised for.
  'test/live/base.test.ts': { hosts: ['new-prod'], images: false },
  'test/live/firewall.test.ts': { hosts: ['new-prod'], images: false },
  'test/live/sshd.test.ts': { hosts: ['new-prod'], images: false },
  'test/live/operations.test.ts': { hosts: ['new-prod'], images: false },
  'test/live/environment.test.ts': { seconds: 1300, clusters: ['brd-new-prod'] },
  'test/live/rotation.test.ts': { seconds: 1250, clusters: ['brd-infra-old'] },
  'test/live/environments.test.ts': {
    seconds: 1200,
    clusters: ['brd-infra-old', 'brd-new-prod'],
  },
  // The first of the three that need Docker alone installs it.
  'test/live/examples.test.ts': { seconds: 900, hosts: ['infra-stage'] },
  'test/live/containers.test.ts': { hosts: ['infra-stage'] },
  'test/live/data.test.ts': { hosts: ['infra-stage'] },
  'test/live/images.test.ts': { seconds: 400, hosts: ['infra-stage'] },
  'test/live/system.test.ts': { hosts: ['infra-stage'], images: false },
  'test/live/locale.test.ts': { hosts: ['infra-stage'], images: false },
  'test/live/ufw.test.ts': { hosts: ['infra-stage'], images: false },
  'test/live/lab.test.ts': { hosts: [] },
  'test/live/backups.test.ts': { seconds: 900, hosts: [] },
  'test/live/workloads.test.ts': { hosts: [] },
  'test/live/restart-pending.test.ts': { seconds: 400, hosts: ['old-one'], images: false },
  'test/live/docker.test.ts': { hosts: ['old-two'], images: false },
  'test/live/stopped-docker.test.ts': { hosts: ['old-two'], images: false },
  'test/live/output.test.ts': { hosts: ['old-one'], images: false },
  'test/live/transient.test.ts': { hosts: ['old-one'], images: false },
  'test/live/secrets.test.ts': { hosts: ['old-one'], images: false },
  'test/live/faults.test.ts': { seconds: 300, hosts: oldServers, images: false },
  'test/live/interrupts.test.ts': { seconds: 300, hosts: oldServers, images: false },
  'test/live/unreachable.test.ts': { seconds: 200, hosts: oldServers, images: false },
}

/** Every entry of the two tables, in order. */
export const requirements: ReadonlyMap<string, Requirements> = new Map([
  ...Object.entries(unit),
  ...Object.entries(live),
])

/** The time limit of a test file in seconds. */
export const findTimeLimit = (file: string): number =>
  requirements.get(file)?.seconds ?? (isLive(file) ? 600 : 120)
