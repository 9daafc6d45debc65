/**
 * The lab's S3: a server for each environment, with a bucket of its assets and one of its backups,
 * and keys with rights, so that no key opens another environment's bucket.
 */
import { createHash } from 'node:crypto'
import { awaitAll } from '../../lib/images/local-command.ts'
import { labPath, type Say } from '../../lib/inventory/lab-home.ts'
import { type LabState, readLabState, writeLabFile } from '../../lib/inventory/lab-state.ts'
import { loadProject } from '../../lib/inventory/load-project.ts'
import { findProject } from '../../lib/inventory/project.ts'
import { pollUntil } from '../../lib/run/wait-until.ts'
import { initStore } from '../../lib/secrets/store.ts'
import { provide } from './images/index.ts'
import type { LabDocker } from './images/types.ts'
import { s3Image } from './images/workloads.ts'
import { label, nameContainer, network, s3Address } from './network.ts'
import { getFromLab } from './reach.ts'
import { writeKeys } from './s3/keys.ts'

type Server = { environment: string; bucket: string; backups: string; port: number }
type Buckets = NonNullable<LabState['s3']>

/** Where the container finds which buckets there are, and the keys of each environment. */
const FOLDER = '/lab/s3'

/**
 * A server answers for each environment of the inventory; null, with a line that says why, where no
 * source has the program.
 */
export const raiseS3 = async (docker: LabDocker, say: Say): Promise<Buckets | null> => {
  const found = await provide({ docker, cache: labPath('images'), say, refs: [s3Image] }).catch(
    (error: Error) => {
      say(`no S3 in the lab: ${error.message}`)
      return null
    },
  )
  if (!found) return null
  const servers = await listServers((await readLabState())?.s3)
  await writeLabFile('s3/servers', servers.map(renderLine).join(''))
  await runContainer(docker, found[0]!.image, digestServers(servers), say)
  await awaitAll(servers.map(awaitRefusal))
  return { environments: Object.fromEntries(servers.map(describeServer)) }
}

const renderLine = ({ environment, bucket, backups, port }: Server) =>
  `${environment} ${bucket},${backups} ${port}\n`

const digestServers = (servers: readonly Server[]) =>
  createHash('sha256').update(servers.map(renderLine).join('')).digest('hex').slice(0, 12)

// Plain HTTP, as inside a data centre: over TLS, PHP, restic and wal-g would each have to be given
// an authority that is new at each start of the lab.
// By address: a container needs no resolver to find it.
const formatEndpoint = (port: number) => `http://${s3Address}:${port}`

const describeServer = ({ environment, bucket, port }: Server) =>
  [environment, { endpoint: formatEndpoint(port), bucket }] as const

/**
 * A port for each environment: those of before stay as they were, so that one more moves no other.
 */
export const assignPorts = (
  names: readonly string[],
  before: Readonly<Record<string, { readonly endpoint: string }>>,
): Map<string, number> => {
  const kept = names.flatMap(name =>
    before[name] ? [[name, Number(new URL(before[name].endpoint).port)] as const] : [],
  )
  const ports = new Map<string, number>(kept)
  for (const name of names)
    if (!ports.has(name)) ports.set(name, Math.max(9000, ...ports.values()) + 1)
  return ports
}

const listServers = async (before?: Buckets): Promise<Server[]> => {
  const store = await initStore({ path: labPath('secrets.age'), key: labPath('age.key') })
  const { environments } = await loadProject(findProject(import.meta.dirname))
  const entries = [...environments.values()].filter(({ vars: { bucket, backups } }) =>
    // Reading the name of a bucket that is not set throws.
    [bucket, backups.bucket].every(one => Object.keys(one).includes('name')),
  )
  const names = entries.map(({ name }) => name)
  const ports = assignPorts(names, before?.environments ?? {})
  const servers: Server[] = []
  for (const entry of entries) {
    await writeKeys(store, entry)
    const { bucket, backups } = entry.vars
    servers.push({
      environment: entry.name,
      bucket: bucket.name,
      backups: backups.bucket.name,
      port: ports.get(entry.name)!,
    })
  }
  return servers
}

const runContainer = async (
  docker: LabDocker,
  image: string,
  servers: string,
  say: Say,
): Promise<void> => {
  const command = [
    ...[
      '--name',
      nameContainer('s3'),
      '--hostname',
      's3',
      '--label',
      label,
      '--restart',
      'always',
      '--network',
      network.name,
      '--ip',
      s3Address,
    ],
    ...[
      '--volume',
      `${nameContainer('s3')}:/data`,
      '--volume',
      `${labPath('s3')}:${FOLDER}:ro`,
      image,
    ],
  ]
  const id = await docker(['image', 'inspect', '--format', '{{.Id}}', image])
  const wanted = createHash('sha256')
    .update([...command, id, servers].join('\0'))
    .digest('hex')
    .slice(0, 12)
  const now = await docker([
    'inspect',
    '--format',
    '{{.State.Status}} {{index .Config.Labels "brd.lab.run"}}',
    nameContainer('s3'),
  ]).catch(() => '')
  if (now.trim() === `running ${wanted}`) return
  say('s3: starting a server for each environment')
  await docker(['rm', '--force', nameContainer('s3')]).catch(() => '')
  await docker(['volume', 'create', '--label', label, nameContainer('s3')])
  await docker(['run', '--detach', '--label', `brd.lab.run=${wanted}`, ...command])
}

// Without keys it must refuse: a server that answered all would prove nothing.
const awaitRefusal = async ({ environment, bucket, port }: Server): Promise<void> => {
  const refused = () =>
    getFromLab(`${formatEndpoint(port)}/${bucket}`, { timeout: 2_000 }).then(
      ({ status }) => status === 400 || status === 403,
      () => false,
    )
  if (!(await pollUntil(40_000, refused)))
    throw new Error(
      `the lab's S3 server of ${environment} does not refuse a stranger: ` +
        `docker logs ${nameContainer('s3')}`,
    )
}
