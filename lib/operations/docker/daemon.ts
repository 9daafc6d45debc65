import { operation } from '../../operation.ts'
import { planDaemon } from './daemon/plan.ts'
import { daemonFile, type Json, printDaemon, readDaemon } from './daemon/state.ts'

/**
 * The whole of Docker's daemon.json. live-restore and the nftables backend are not offered: a swarm
 * refuses them.
 */
export type DaemonSettings = {
  /**
   * Addresses of mirrors of Docker Hub. Those with `http:` are added to the insecure registries.
   * Default none.
   */
  readonly 'registry-mirrors'?: readonly string[]
  /** `host:port` or networks of registries without TLS. Default none. */
  readonly 'insecure-registries'?: readonly string[]
  /** Labels of the engine, `key=value`. Default none. */
  readonly labels?: readonly string[]
  /** Verbose logs of dockerd. Default false. */
  readonly debug?: boolean
  /** Seconds for containers to stop when Docker stops. Docker's default, 15, kills a database. */
  readonly 'shutdown-timeout'?: number
  /** The driver for containers' output. Default Docker's, json-file. */
  readonly 'log-driver'?: 'json-file' | 'local' | 'journald'
  /**
   * Options of the log driver; all values are strings: `{ 'max-size': '20m' }`. Default none: logs
   * grow without limit.
   */
  readonly 'log-opts'?: Readonly<Record<string, string>>
  /** Default: Docker's choice, overlay2 on most hosts. */
  readonly 'storage-driver'?: string
  /** Folder of images, containers and volumes. Default /var/lib/docker. */
  readonly 'data-root'?: `/${string}`
  /** MTU of the local bridge, in bytes. Default 1500. */
  readonly mtu?: number
  /** `address:port` of metrics for Prometheus. Default: no metrics. */
  readonly 'metrics-addr'?: string
  /** For local networks: overlay networks use the swarm's pool. Default Docker's. */
  readonly 'default-address-pools'?: readonly {
    /** A network, which the pools are cut from. */
    readonly base: string
    /**
     * Prefix length of each pool, in bits.
     * @range 1 to 30
     */
    readonly size: number
  }[]
  /** Limits of every container that does not set them. Default dockerd's. */
  readonly 'default-ulimits'?: Readonly<
    Record<string, { readonly Name: string; readonly Hard: number; readonly Soft: number }>
  >
}

/**
 * daemon.json has exactly these settings and Docker uses them. A change is applied by a reload if
 * dockerd supports that, otherwise by a restart, which is disruptive while containers run. List it
 * before the package, so that the first start has the settings. If Docker does not start with them,
 * the previous file is restored.
 */
export const daemon = operation('docker.daemon', {
  want: (settings: DaemonSettings) => {
    const plain = (settings['registry-mirrors'] ?? [])
      .filter(mirror => mirror.startsWith('http:'))
      .map(mirror => new URL(mirror).host)
    return {
      ...settings,
      ...(plain.length > 0
        ? { 'insecure-registries': [...(settings['insecure-registries'] ?? []), ...plain] }
        : {}),
    }
  },
  name: (_: DaemonSettings) => daemonFile,
  probe: () => printDaemon,
  read: out => readDaemon(out),
  plan: (now, want) => planDaemon(now, want as Json),
  probeSeconds: 20,
})
