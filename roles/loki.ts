import type { Compose } from '../lib/compose/compose.ts'
import { type OverlayNetwork, pickOverlay } from '../lib/compose/overlay.ts'
import {
  defineSocketProxy,
  renderSocketProxy,
  socketNetwork,
  socketVolume,
} from '../lib/compose/read-only-socket.ts'
import { buildRouteLabels } from '../lib/compose/routing.ts'
import type { Operation } from '../lib/operation.ts'
import { http } from '../lib/operations/http.ts'
import { stack } from '../lib/operations/stack.ts'
import { role } from '../lib/role.ts'
import { alloyConfig, renderLokiConfig } from './loki/config.ts'

export type Loki = OverlayNetwork & {
  readonly image: `${string}:${string}`
  /** Alloy's, which ships the logs. */
  readonly alloy: `${string}:${string}`
  /** nginx's, for the proxy through which Alloy asks Docker for the logs. */
  readonly socketProxy: `${string}:${string}`
  /** Its API answers at loki.DOMAIN, behind the entry point's password. */
  readonly domain: string
  /** The network that it shares with Traefik and Grafana, on which it is `loki:3100`. */
  readonly network: string
  /** How long logs are kept, in days. */
  readonly days: number
  readonly ask?: { readonly via?: string; readonly ca?: `/${string}` }
}

/**
 * Log storage, and Alloy on each node, which ships every container's log with the labels stack,
 * service_name, container and node, and for those of an environment also environment and service.
 * Docker's own files stay: nothing is lost
 * while Loki is away, and `docker service logs` works. On the manager; the logs are on the node
 * labelled `brd.tools=1`.
 */
export const loki = role(import.meta, 'loki', (options: Loki): readonly Operation[] => {
  const { domain, days, ask } = options
  const running = stack({
    name: 'loki',
    compose: compose(options),
    configs: {
      loki: renderLokiConfig(days),
      alloy: alloyConfig,
      socket: renderSocketProxy([
        ...(['/info', '/networks', '/containers/json'] as const),
        ...(['/containers/ID/json', '/containers/ID/logs'] as const),
      ]),
    },
  })
  return [
    running,
    // Its image has no shell for a health check: it is asked from outside. The entry point wants
    // its password first.
    http.answers({ waitFor: running, host: `loki.${domain}`, path: '/ready', status: 401, ...ask }),
  ]
})

const compose = ({ image, alloy, socketProxy, domain, network, ...overlay }: Loki): Compose => ({
  services: {
    socket: defineSocketProxy(socketProxy, { mode: 'global' }),
    loki: {
      image,
      command: ['-config.file=/etc/loki/brd.yml'],
      networks: ['logs', network],
      configs: [{ source: 'loki', target: '/etc/loki/brd.yml' }],
      volumes: [{ type: 'volume', source: 'data', target: '/loki' }],
      // What has not been written to disk yet is flushed at the stop.
      stop_grace_period: '1m',
      deploy: {
        endpoint_mode: 'dnsrr',
        labels: buildRouteLabels({
          name: 'loki-loki',
          host: `loki.${domain}`,
          port: 3100,
          network,
          middlewares: ['auth@file'],
        }),
        placement: { constraints: ['node.labels.brd.tools==1'] },
        resources: { limits: { memory: '1G' } },
        update_config: { order: 'stop-first', monitor: '15s', failure_action: 'rollback' },
      },
    },
    alloy: {
      image: alloy,
      command: [
        'run',
        '--server.http.listen-addr=0.0.0.0:12345',
        '--storage.path=/var/lib/alloy/data',
        '--disable-reporting',
        '/etc/alloy/brd.alloy',
      ],
      environment: { NODE_NAME: '{{.Node.Hostname}}' },
      networks: ['logs'],
      configs: [{ source: 'alloy', target: '/etc/alloy/brd.alloy' }],
      volumes: [
        // How far each log was read.
        { type: 'volume', source: 'positions', target: '/var/lib/alloy/data' },
        { ...socketVolume, read_only: true },
      ],
      user: '0:0',
      deploy: {
        mode: 'global',
        endpoint_mode: 'dnsrr',
        resources: { limits: { memory: '512M' } },
        update_config: { monitor: '10s', failure_action: 'rollback' },
      },
    },
  },
  networks: {
    logs: pickOverlay(overlay),
    [network]: { external: true },
    socket: socketNetwork,
  },
  volumes: ['data', 'positions', 'socket'],
})
