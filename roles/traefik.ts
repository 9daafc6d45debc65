import { renderUsersFile } from '../lib/compose/basic-auth.ts'
import type { Compose } from '../lib/compose/compose.ts'
import type { Hmac } from '../lib/compose/names.ts'
import { type OverlayNetwork, pickOverlay } from '../lib/compose/overlay.ts'
import {
  defineSocketProxy,
  renderSocketProxy,
  socketNetwork,
  socketVolume,
} from '../lib/compose/read-only-socket.ts'
import type { Operation } from '../lib/operation.ts'
import { directory } from '../lib/operations/directory.ts'
import { docker } from '../lib/operations/docker.ts'
import { file } from '../lib/operations/file.ts'
import { http } from '../lib/operations/http.ts'
import { stack } from '../lib/operations/stack.ts'
import { role } from '../lib/role.ts'
import type { Secret } from '../lib/secret.ts'
import { renderDynamicConfig, renderStaticConfig } from './traefik/config.ts'

export type Traefik = OverlayNetwork & {
  /** Traefik 3.6.1 or later: older ones do not speak to Docker 29. */
  readonly image: `${string}:${string}`
  /** nginx's, for the proxy through which Traefik asks Docker for the services. */
  readonly socketProxy: `${string}:${string}`
  /** The dashboard answers at traefik.DOMAIN. */
  readonly domain: string
  readonly acme: {
    readonly email: string
    /** Directory of the ACME server. Default: Let's Encrypt. */
    readonly server?: string
    /** PEM of the CA that signed the ACME server's own certificate. Default: the system's. */
    readonly ca?: string
  }
  /**
   * Overlay networks on which it reaches the services; they are made here. The first is the one
   * that labels mean by default.
   */
  readonly networks: readonly [string, ...string[]]
  /** Who may see the dashboard, and all that routes through `auth@file`. */
  readonly users: Readonly<Record<string, Secret>>
  readonly hmac: Hmac
  /**
   * How it is asked from this node whether it answers. Default: 127.0.0.1, and the system's CAs.
   */
  readonly ask?: { readonly via?: string; readonly ca?: `/${string}` }
}

const folder = '/etc/traefik/dynamic'

/**
 * The entry point of the cluster: 80 and 443 of the node labelled `brd.entry=1`, with certificates
 * by ACME. Services are found by their labels, through a proxy that lets only questions about them
 * pass to Docker. Files in /etc/traefik/dynamic on the
 * host are read as soon as they change, without a restart. On the manager.
 */
export const traefik = role(import.meta, 'traefik', (options: Traefik): readonly Operation[] => {
  const { domain, acme, networks, users, hmac, ask } = options
  const running = stack({
    name: 'traefik',
    compose: compose(options),
    configs: {
      static: renderStaticConfig({ email: acme.email, server: acme.server, network: networks[0] }),
      ...(acme.ca === undefined ? {} : { 'acme-ca': acme.ca }),
      socket: renderSocketProxy(['/services', '/tasks', '/networks', '/nodes/ID']),
    },
    secrets: { users: renderUsersFile(users, hmac) },
    hmac,
  })
  return [
    ...networks.map(name => docker.network({ name, ...pickOverlay(options) })),
    directory({ path: '/etc/traefik' }),
    directory({ path: folder }),
    file({ path: `${folder}/tools.yml`, content: renderDynamicConfig(`traefik.${domain}`) }),
    running,
    http.answers({
      waitFor: running,
      host: `traefik.${domain}`,
      path: '/dashboard/',
      status: 401,
      ...ask,
    }),
  ]
})

// One, on one node: acme.json has a single writer, and its volume is there.
const placement = { constraints: ['node.role==manager', 'node.labels.brd.entry==1'] }

const compose = ({ image, socketProxy, acme, networks }: Traefik): Compose => ({
  services: {
    socket: defineSocketProxy(socketProxy, { placement }),
    traefik: {
      image,
      networks,
      ports: [80, 443].map(port => ({ target: port, published: port, mode: 'host' })),
      ...(acme.ca === undefined
        ? {}
        : { environment: { LEGO_CA_CERTIFICATES: '/etc/traefik/acme-ca.pem' } }),
      configs: [
        { source: 'static', target: '/etc/traefik/traefik.yml' },
        ...(acme.ca === undefined
          ? []
          : [{ source: 'acme-ca', target: '/etc/traefik/acme-ca.pem' } as const]),
      ],
      secrets: [{ source: 'users' }],
      volumes: [
        { type: 'volume', source: 'acme', target: '/acme' },
        { type: 'bind', source: folder, target: folder, read_only: true },
        { ...socketVolume, read_only: true },
      ],
      healthcheck: {
        test: ['CMD', 'traefik', 'healthcheck', '--ping=true'],
        interval: '5s',
        // On a server that has too much to do it is slow, and ended for it, it would answer nobody.
        timeout: '10s',
        retries: 6,
        start_period: '10s',
      },
      stop_grace_period: '30s',
      deploy: {
        endpoint_mode: 'dnsrr',
        placement,
        resources: { limits: { memory: '256M' } },
        update_config: { order: 'stop-first', monitor: '10s', failure_action: 'rollback' },
      },
    },
  },
  networks: {
    ...Object.fromEntries(networks.map(name => [name, { external: true }])),
    socket: socketNetwork,
  },
  volumes: ['acme', 'socket'],
})
