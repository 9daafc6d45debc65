import { readFileSync } from 'node:fs'
import type { Compose } from '../lib/compose/compose.ts'
import type { Hmac } from '../lib/compose/names.ts'
import { buildRouteLabels } from '../lib/compose/routing.ts'
import type { Operation } from '../lib/operation.ts'
import { directory } from '../lib/operations/directory.ts'
import { http } from '../lib/operations/http.ts'
import { type PinnedSecret, secretsUnchanged } from '../lib/operations/secretsUnchanged.ts'
import { stack } from '../lib/operations/stack.ts'
import { role } from '../lib/role.ts'
import type { Secret } from '../lib/secret.ts'
import { dashboards, datasources } from './grafana/provisioning.ts'

export type Grafana = {
  readonly image: `${string}:${string}`
  /** It answers at grafana.DOMAIN. */
  readonly domain: string
  /** The network that it shares with Traefik and Loki. */
  readonly network: string
  /**
   * Of the user `admin`. Grafana reads it when its database is created; later its rotation tells
   * Grafana.
   */
  readonly password: Secret
  /** Encrypts what Grafana keeps in its database. It never changes. */
  readonly secretKey: Secret
  /**
   * Tells whether the password is the one that was deployed before: only its rotation may change
   * it.
   */
  readonly held: PinnedSecret
  readonly hmac: Hmac
  readonly ask?: { readonly via?: string; readonly ca?: `/${string}` }
}

/**
 * On its host: dashboards that stand here are seen while it runs. Each environment puts its own.
 */
const shared = '/etc/brd/dashboards'

/**
 * Log viewing: Loki is its data source, and a dashboard of logs is there. On the manager; its
 * database is on the node labelled `brd.tools=1`.
 */
export const grafana = role(import.meta, 'grafana', (options: Grafana): readonly Operation[] => {
  const { domain, password, secretKey, held, hmac, ask } = options
  const unchanged = secretsUnchanged({ name: 'grafana', secrets: { [password.name]: held } })
  const running = stack({
    name: 'grafana',
    compose: compose(options),
    configs: {
      datasources,
      dashboards,
      logs: readFileSync(new URL('./grafana/logs.json', import.meta.url), 'utf8'),
    },
    secrets: { 'admin-password': password, 'secret-key': secretKey },
    hmac,
  })
  return [
    unchanged,
    directory({ path: shared }),
    running,
    http.answers({ waitFor: running, host: `grafana.${domain}`, path: '/api/health', ...ask }),
  ]
})

const compose = ({ image, domain, network }: Grafana): Compose => ({
  services: {
    grafana: {
      image,
      environment: {
        GF_SECURITY_ADMIN_PASSWORD__FILE: '/run/secrets/admin-password',
        GF_SECURITY_SECRET_KEY__FILE: '/run/secrets/secret-key',
        GF_SECURITY_COOKIE_SECURE: 'true',
        GF_SERVER_ROOT_URL: `https://grafana.${domain}/`,
        GF_AUTH_ANONYMOUS_ENABLED: 'false',
        GF_USERS_ALLOW_SIGN_UP: 'false',
        GF_ANALYTICS_REPORTING_ENABLED: 'false',
        GF_ANALYTICS_CHECK_FOR_UPDATES: 'false',
        GF_ANALYTICS_CHECK_FOR_PLUGIN_UPDATES: 'false',
        GF_NEWS_NEWS_FEED_ENABLED: 'false',
        GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH: '/etc/grafana/dashboards/logs.json',
      },
      networks: [network],
      configs: [
        { source: 'datasources', target: '/etc/grafana/provisioning/datasources/brd.yml' },
        { source: 'dashboards', target: '/etc/grafana/provisioning/dashboards/brd.yml' },
        { source: 'logs', target: '/etc/grafana/dashboards/logs.json' },
      ],
      secrets: [{ source: 'admin-password' }, { source: 'secret-key' }],
      volumes: [
        { type: 'volume', source: 'data', target: '/var/lib/grafana' },
        { type: 'bind', source: shared, target: '/etc/grafana/environments', read_only: true },
      ],
      deploy: {
        endpoint_mode: 'dnsrr',
        labels: buildRouteLabels({
          name: 'grafana-grafana',
          host: `grafana.${domain}`,
          port: 3000,
          network,
        }),
        placement: { constraints: ['node.labels.brd.tools==1'] },
        resources: { limits: { memory: '512M' } },
        // One SQLite, one writer.
        update_config: { order: 'stop-first', monitor: '15s', failure_action: 'rollback' },
      },
    },
  },
  networks: { [network]: { external: true } },
  volumes: ['data'],
})
