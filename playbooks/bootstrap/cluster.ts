/** Raising one cluster: shared by the playbooks that do. */
import { readFileSync } from 'node:fs'
import { parseImage } from '../../lib/compose/image.ts'
import { Deferred } from '../../lib/deferred.ts'
import type { Cluster, Host } from '../../lib/inventory/inventory.ts'
import { requireSettings } from '../../lib/inventory/require-settings.ts'
import type { Operation } from '../../lib/operation.ts'
import { directory } from '../../lib/operations/directory.ts'
import { docker as operations } from '../../lib/operations/docker.ts'
import { file } from '../../lib/operations/file.ts'
import type { Run } from '../../lib/run/run.ts'
import type { Secret } from '../../lib/secret.ts'
import { baseSettings } from '../../roles/base/settings.ts'
import { base } from '../../roles/base.ts'
import { dockerSettings } from '../../roles/docker/settings.ts'
import { docker } from '../../roles/docker.ts'
import { grafanaSettings } from '../../roles/grafana/settings.ts'
import { grafana } from '../../roles/grafana.ts'
import { images } from '../../roles/images.ts'
import { lokiSettings } from '../../roles/loki/settings.ts'
import { loki } from '../../roles/loki.ts'
import { portainerSettings } from '../../roles/portainer/settings.ts'
import { portainer } from '../../roles/portainer.ts'
import { findManagers, swarmSettings } from '../../roles/swarm/settings.ts'
import { type Swarm, swarm } from '../../roles/swarm.ts'
import { traefikSettings } from '../../roles/traefik/settings.ts'
import { findFirstManager, LAB_ROOT, TOOLS_NETWORK } from '../cluster.ts'
import { adaptToLab, encryptsOverlays, listEntryPoint } from '../entry-point.ts'
import { noteStandIns } from '../note-stand-ins.ts'
import { listNodePorts } from './node-ports.ts'
import { pinToolSecret, readToolSecrets, type Tool, type ToolSecrets } from './secrets.ts'

/** The settings of the roles that are played here. */
const ROLES = [
  baseSettings,
  dockerSettings,
  swarmSettings,
  traefikSettings,
  portainerSettings,
  lokiSettings,
  grafanaSettings,
]

/**
 * The cluster runs: hardened servers, Docker, a swarm, and Traefik, Portainer, Loki and Grafana,
 * each answering at its name. Two lists: one for every server, one on the first manager, for the
 * labels of the other nodes and for the tools.
 */
export const bootstrap = async (run: Run, cluster: Cluster): Promise<void> => {
  const servers = cluster.hosts
  const first = findFirstManager(cluster)
  const tokens = {
    worker: new Deferred<Secret>(`the worker token of ${first.name}`),
    manager: new Deferred<Secret>(`the manager token of ${first.name}`),
  }
  // Before the first connection: a missing setting or a store that cannot be opened is bad input.
  requireSettings(servers, ROLES)
  const secrets = await readToolSecrets(run, cluster)
  const ids = new Map(
    servers.map(({ name }) => [name, new Deferred<string>(`the id of ${name} in its swarm`)]),
  )
  const { ok, changed } = await run.play(
    servers,
    host => ({
      base: [directory({ path: '/etc/brd' }), ...base(makeBaseOptions(host)), ...trustLab(run)],
      docker: docker(makeEngineOptions(run, host)),
      images: images({ repositories: findApplications(run, cluster) }),
      swarm: swarm(makeSwarmOptions(host, cluster, first, tokens, ids.get(host.name))),
    }),
    `servers of ${cluster.title}`,
  )
  await run.secondLogin(changed)
  await run.play(
    [first],
    host => ({
      swarm: listNodes(
        ok.filter(one => one !== first),
        ids,
      ),
      ...listTools(run, cluster, host, secrets),
    }),
    `tools of ${cluster.title}`,
  )
  noteStandIns(run, Object.values(cluster.vars.images))
}

const makeBaseOptions = ({ name, vars, user, port, cluster }: Host) => ({
  name,
  timezone: vars.timezone,
  operators: vars.operators,
  ssh: { ...vars.ssh, port, login: user },
  firewall: {
    admin: vars.firewall.admin,
    allow: [
      { port: 80, proto: 'tcp' as const },
      { port: 443, proto: 'tcp' as const },
      ...listNodePorts(cluster.hosts.map(({ address }) => address)),
    ],
  },
  // Redis forks to save; databases and log shippers watch many files.
  sysctl: { 'vm.overcommit_memory': 1, 'fs.inotify.max_user_instances': 1024 },
})

const makeEngineOptions = ({ lab }: Run, { vars: { engine, logs } }: Host) => ({
  ...engine,
  logs: { size: logs.size, files: logs.files }, // its days are Loki's
  ...(lab ? { mtu: lab.network.mtu } : {}),
})

/** The repositories of the applications that may run in a cluster. */
const findApplications = ({ inventory }: Run, cluster: Cluster): string[] => {
  const own = [...inventory.environments.values()].filter(
    environment => environment.cluster === cluster,
  )
  return [
    ...new Set(
      own.flatMap(({ vars }) =>
        vars.app.images.app === undefined ? [] : [parseImage(vars.app.images.app).repository],
      ),
    ),
  ]
}

type Tokens = { readonly worker: Deferred<Secret>; readonly manager: Deferred<Secret> }

const makeSwarmOptions = (
  host: Host,
  cluster: Cluster,
  first: Host,
  tokens: Tokens,
  id: Deferred<string> | undefined,
): Swarm => {
  const { address, vars } = host
  const alone = cluster.hosts.length === 1
  if (host === first)
    return {
      as: 'first',
      advertise: address,
      pool: vars.swarm.pool,
      labels: { 'brd.entry': '1', 'brd.tools': '1', ...vars.labels },
      ...(alone ? {} : { provides: tokens }),
    }
  const as = findManagers(cluster.hosts).includes(host) ? 'manager' : 'worker'
  return {
    as,
    advertise: address,
    manager: first.address,
    token: tokens[as],
    ...(id ? { id } : {}),
  }
}

/** The labels of the nodes that joined; what they were before they were set up again is removed. */
const listNodes = (
  hosts: readonly Host[],
  ids: ReadonlyMap<string, Deferred<string>>,
): Operation[] =>
  hosts.flatMap(({ name, vars }) => {
    const id = ids.get(name)
    return id ? [operations.node({ node: name, id, labels: vars.labels })] : []
  })

/**
 * In the lab certificates are real but signed by the lab's own authority: its hosts must know it to
 * check what Traefik serves.
 */
const trustLab = ({ lab }: Run): Operation[] =>
  lab ? [file({ path: LAB_ROOT, content: readFileSync(lab.acme.root, 'utf8') })] : []

/** The lists of the cluster's tools, by their roles. */
export const listTools = (
  run: Run,
  { name, vars: { domain } }: Cluster,
  { vars, cluster }: Host,
  secrets: ToolSecrets,
  rotating: readonly Tool[] = [],
) => {
  const { lab, hmac } = run
  const known = (tool: Tool) => ({
    password: secrets[tool].now,
    held: pinToolSecret(name, tool, secrets[tool], hmac, rotating.includes(tool)),
    hmac,
  })
  const { images, logs } = vars
  const { ask, mtu } = adaptToLab(lab)
  const common = { domain, network: TOOLS_NETWORK, ...(ask ? { ask } : {}) }
  const overlay = {
    encrypted: encryptsOverlays(lab, vars.swarm),
    ...(mtu === undefined ? {} : { mtu }),
  }
  return {
    traefik: listEntryPoint(run, cluster, secrets.entry),
    portainer: portainer({
      ...common,
      ...overlay,
      image: images.portainer,
      agent: images.agent,
      agentSecret: secrets.agentSecret,
      standIn: lab?.images.some(({ ref, standIn }) => ref === images.portainer && standIn) ?? false,
      ...known('portainer'),
    }),
    loki: loki({
      ...common,
      ...overlay,
      image: images.loki,
      alloy: images.alloy,
      socketProxy: images.socketProxy,
      days: logs.days,
    }),
    grafana: grafana({
      ...common,
      image: images.grafana,
      ...known('grafana'),
      secretKey: secrets.grafanaKey,
    }),
  }
}
