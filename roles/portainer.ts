import type { Compose } from '../lib/compose/compose.ts'
import type { Hmac } from '../lib/compose/names.ts'
import { type OverlayNetwork, pickOverlay } from '../lib/compose/overlay.ts'
import { buildRouteLabels } from '../lib/compose/routing.ts'
import type { Operation } from '../lib/operation.ts'
import { http } from '../lib/operations/http.ts'
import { portainer as operations } from '../lib/operations/portainer.ts'
import { type PinnedSecret, secretsUnchanged } from '../lib/operations/secretsUnchanged.ts'
import { stack } from '../lib/operations/stack.ts'
import { role } from '../lib/role.ts'
import type { Secret } from '../lib/secret.ts'

export type Portainer = OverlayNetwork & {
  readonly image: `${string}:${string}`
  /** The agent's, of the same version. */
  readonly agent: `${string}:${string}`
  /** It answers at portainer.DOMAIN. */
  readonly domain: string
  /** The network that it shares with Traefik. */
  readonly network: string
  /**
   * Of the user `admin`, 12 characters or more. Portainer reads it when its database is created,
   * and never again; later its rotation tells Portainer.
   */
  readonly password: Secret
  /**
   * Tells whether the password is the one that was deployed before: only its rotation may change
   * it.
   */
  readonly held: PinnedSecret
  /** What its agents ask of a server before they obey it. */
  readonly agentSecret: Secret
  readonly hmac: Hmac
  /**
   * True: the image is a stand-in of the lab, which has no API. It is not asked for its
   * environment.
   * Default false.
   */
  readonly standIn?: boolean
  readonly ask?: { readonly via?: string; readonly ca?: `/${string}` }
}

/**
 * The cluster's management console, with an agent on each node. On the manager; its database is on
 * the node labelled `brd.tools=1`. It manages the agents: that is asked of it, since it answers
 * without an environment just as well.
 */
export const portainer = role(
  import.meta,
  'portainer',
  (options: Portainer): readonly Operation[] => {
    const { domain, password, agentSecret, held, hmac, ask, standIn = false } = options
    const host = `portainer.${domain}`
    const unchanged = secretsUnchanged({ name: 'portainer', secrets: { [password.name]: held } })
    const running = stack({
      name: 'portainer',
      compose: compose(options),
      secrets: { 'admin-password': password },
      environmentSecrets: { 'agent-secret': agentSecret },
      hmac,
    })
    return [
      unchanged,
      running,
      // Its image has no shell for a health check: it is asked from outside.
      http.answers({
        waitFor: running,
        host,
        path: '/api/system/status',
        ...ask,
      }),
      ...(standIn
        ? []
        : [
            operations.environment({
              host,
              ...ask,
              url: 'tcp://tasks.agent:9001',
              password,
              version: hmac('portainer environment', password),
            }),
          ]),
    ]
  },
)

// Neither program reads it from a file. Without it an agent obeys the first server that asks.
const agentSecretVariable = { AGENT_SECRET: 'agent-secret' }

const compose = ({ image, agent, domain, network, ...overlay }: Portainer): Compose => ({
  services: {
    server: {
      image,
      command: [
        // Without it the console locks itself five minutes after its first start.
        ...['--admin-password-file', '/run/secrets/admin-password'],
        ...['--trusted-origins', `portainer.${domain}`],
      ],
      networks: ['agents', network],
      volumes: [{ type: 'volume', source: 'data', target: '/data' }],
      secrets: [{ source: 'admin-password' }],
      secretEnvironment: agentSecretVariable,
      deploy: {
        endpoint_mode: 'dnsrr',
        labels: buildRouteLabels({
          name: 'portainer-server',
          host: `portainer.${domain}`,
          port: 9000,
          network,
        }),
        placement: { constraints: ['node.role==manager', 'node.labels.brd.tools==1'] },
        resources: { limits: { memory: '512M' } },
        // One database, one writer.
        update_config: { order: 'stop-first', monitor: '10s', failure_action: 'rollback' },
      },
    },
    agent: {
      image: agent,
      // The very name: the agents find one another by it.
      environment: { AGENT_CLUSTER_ADDR: 'tasks.agent' },
      secretEnvironment: agentSecretVariable,
      networks: ['agents'],
      volumes: [
        { type: 'bind', source: '/var/run/docker.sock', target: '/var/run/docker.sock' },
        { type: 'bind', source: '/var/lib/docker/volumes', target: '/var/lib/docker/volumes' },
      ],
      deploy: {
        mode: 'global',
        endpoint_mode: 'dnsrr',
        resources: { limits: { memory: '256M' } },
        update_config: { failure_action: 'rollback' },
      },
    },
  },
  networks: { agents: pickOverlay(overlay), [network]: { external: true } },
  volumes: ['data'],
})
