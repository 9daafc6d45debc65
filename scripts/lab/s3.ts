/**
 * The lab's S3: a server for each environment, with one bucket and keys of its own, so that no key
 * opens another's bucket.
 */
import { createHash } from 'node:crypto'
import { awaitAll, pollUntil } from '../../lib/images/local-command.ts'
import { at, type Say } from '../../lib/inventory/lab-home.ts'
import { type LabState, readLabState, writeLabFile } from '../../lib/inventory/lab-state.ts'
import { loadProject } from '../../lib/inventory/load-project.ts'
import { findProject } from '../../lib/inventory/project.ts'
import { initStore } from '../../lib/secrets/store.ts'
import { provide } from './images/index.ts'
import type { Docker } from './images/types.ts'
import { s3Image } from './images/workloads.ts'
import { container, label, network, s3 } from './network.ts'
import { get } from './reach.ts'
import { writeKeys } from './s3/keys.ts'
import { FOLDER, serve } from './s3/serve.ts'

type Server = { environment: string; bucket: string; port: number }
type Buckets = NonNullable<LabState['s3']>

/**
 * A server answers for each bucket of the inventory; null, with a line that says why, where no
 * source has the program.
 */
export const raiseS3 = async (docker: Docker, say: Say): Promise<Buckets | null> => {
  const found = await provide({ docker, cache: at('images'), say, refs: [s3Image] }).catch(
    (error: Error) => {
      say(`no S3 in the lab: ${error.message}`)
      return null
    },
  )
  if (!found) return null
  const servers = await serversOf((await readLabState())?.s3)
  await writeLabFile('s3/servers', servers.map(line).join(''))
  await run(docker, found[0]!.image, digest(servers), say)
  await awaitAll(servers.map(answering))
  return { environments: Object.fromEntries(servers.map(described)) }
}

const line = ({ environment, bucket, port }: Server) => `${[environment, bucket, port].join(' ')}\n`

const digest = (servers: readonly Server[]) =>
  createHash('sha256').update(servers.map(line).join('')).digest('hex').slice(0, 12)

// Plain HTTP, as inside a data centre: over TLS, PHP, restic and wal-g would each have to be given
// an authority that is new at each start of the lab.
// By address: a container needs no resolver to find it.
const endpoint = (port: number) => `http://${s3}:${port}`

const described = ({ environment, bucket, port }: Server) =>
  [environment, { endpoint: endpoint(port), bucket }] as const

/**
 * A port for each environment: those of before stay as they were, so that one more moves no other.
 */
export const portsOf = (
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

const serversOf = async (before?: Buckets): Promise<Server[]> => {
  const store = await initStore({ path: at('secrets.age'), key: at('age.key') })
  const { environments } = await loadProject(findProject(import.meta.dirname))
  const buckets = [...environments.values()].flatMap(({ name, vars: { bucket } }) =>
    // Reading the name of a bucket that is not set throws.
    Object.keys(bucket).includes('name') ? [[name, bucket] as const] : [],
  )
  const names = buckets.map(([name]) => name)
  const ports = portsOf(names, before?.environments ?? {})
  const servers: Server[] = []
  for (const [environment, bucket] of buckets) {
    await writeKeys(store, environment, bucket)
    servers.push({ environment, bucket: bucket.name, port: ports.get(environment)! })
  }
  return servers
}

const run = async (docker: Docker, image: string, servers: string, say: Say): Promise<void> => {
  const command = [
    ...[
      '--name',
      container('s3'),
      '--hostname',
      's3',
      '--label',
      label,
      '--restart',
      'always',
      '--network',
      network.name,
      '--ip',
      s3,
    ],
    ...[
      '--volume',
      `${container('s3')}:/data`,
      '--volume',
      `${at('s3')}:${FOLDER}:ro`,
      '--entrypoint',
      'sh',
      image,
      '-c',
      serve,
    ],
  ]
  const wanted = createHash('sha256')
    .update([...command, servers].join('\0'))
    .digest('hex')
    .slice(0, 12)
  const now = await docker([
    'inspect',
    '--format',
    '{{.State.Status}} {{index .Config.Labels "brd.lab.run"}}',
    container('s3'),
  ]).catch(() => '')
  if (now.trim() === `running ${wanted}`) return
  say('s3: starting a server for each bucket')
  await docker(['rm', '--force', container('s3')]).catch(() => '')
  await docker(['volume', 'create', '--label', label, container('s3')])
  await docker(['run', '--detach', '--label', `brd.lab.run=${wanted}`, ...command])
}

// Without keys it must refuse: a server that answered all would prove nothing.
const answering = async ({ environment, bucket, port }: Server): Promise<void> => {
  const refused = () =>
    get(`${endpoint(port)}/${bucket}`, { timeout: 2_000 }).then(
      ({ status }) => status === 400 || status === 403,
      () => false,
    )
  if (!(await pollUntil(40_000, refused)))
    throw new Error(
      `the lab's S3 server of ${environment} does not refuse a stranger: docker logs ${container('s3')}`,
    )
}
