/**
 * Raising the lab: every step finds what an earlier, perhaps killed `up` left, and goes on from
 * there.
 */
import { mkdir } from 'node:fs/promises'
import { awaitAll } from '../../lib/images/local-command.ts'
import { at, type Say } from '../../lib/inventory/lab-home.ts'
import { type LabState, labState, needLab, writeState } from '../../lib/inventory/lab-state.ts'
import { base } from './base.ts'
import { build, type Kind } from './build.ts'
import { probe } from './capabilities.ts'
import { type Docker, engine } from './engine.ts'
import { freshHost, raiseHost, ready } from './host.ts'
import { acmeCa, acmeDirectory, acmeRoot, raiseInfra } from './infra.ts'
import { enrol, keyFile, knownHostsFile, passwordFile, sharedKeys } from './keys.ts'
import { locked } from './lock.ts'
import { fillMirror, mirror } from './mirror.ts'
import { labNames } from './names.ts'
import {
  addresses,
  bridge,
  type HostName,
  hostNames,
  infra,
  label,
  network,
  occupied,
  space,
  uplinkMtu,
} from './network.ts'
import { raiseS3 } from './s3.ts'

type Options = {
  /** New hosts have Docker inside. Default: they are bare, for the bootstrap to prove itself. */
  prebaked?: boolean
  /** Whether the registry is filled too; without, `up` takes seconds. Default: true. */
  images?: boolean
}

/** How the message begins that is said when the hosts stand and their images are still to come. */
export const hostsUp = 'hosts: up'

/** The lab runs, with all its services, hosts and images; what already ran was left as it is. */
export const up = async (
  say: Say,
  { prebaked = false, images = true }: Options = {},
): Promise<LabState> => {
  const state = await locked('lab', 'lab up', () => raise(say, prebaked))
  if (!images) return state
  say(`${hostsUp}; now the images (the first time takes minutes)`)
  return await locked('images', 'lab up, images', async () => {
    const filled = { ...state, images: await fillMirror(await engine(), say) }
    await writeState(filled)
    return filled
  })
}

const raise = async (say: Say, prebaked: boolean): Promise<LabState> => {
  const device = await occupied()
  if (device)
    throw new Error(
      `${device} has addresses of ${space}0.0/16, which the lab uses: set BRD_LAB_NET to a free number between 1 and 254`,
    )
  const docker = await engine()
  await base(docker, say)
  await raiseNetwork(docker)
  await raiseInfra(docker, await build('infra', docker, say), say)
  const buckets = await raiseS3(docker, say)
  const image = await build(kind(prebaked), docker, say)
  await sharedKeys()
  await awaitAll(hostNames.map(name => raiseHost(docker, name, image, say)))
  await enrol(docker)
  const state = await describe(docker, image, {
    images: (await labState())?.images ?? [],
    ...(buckets && { s3: buckets }),
  })
  await writeState(state)
  return state
}

/** These hosts are as new; the others, the services and the host keys are as they were. */
export const reset = (
  names: readonly HostName[],
  say: Say,
  { prebaked = false }: Options = {},
): Promise<void> =>
  locked('lab', 'lab reset', async () => {
    await needLab()
    const docker = await engine()
    const image = await build(kind(prebaked), docker, say)
    await awaitAll(
      names.map(async name => {
        await freshHost(docker, name, image, say)
        await ready(docker, name, say)
      }),
    )
    await enrol(docker)
  })

const kind = (prebaked: boolean): Kind => (prebaked ? 'host-prebaked' : 'host')

const raiseNetwork = async (docker: Docker): Promise<void> => {
  await mkdir(at(), { recursive: true, mode: 0o700 })
  if (await docker(['network', 'inspect', network.name]).catch(() => null)) return
  const options = {
    'com.docker.network.bridge.name': bridge.hosts,
    'com.docker.network.driver.mtu': String(await uplinkMtu()),
  }
  const flags = Object.entries(options).flatMap(([name, value]) => ['--opt', `${name}=${value}`])
  await docker([
    'network',
    'create',
    '--subnet',
    network.subnet,
    '--gateway',
    network.gateway,
    '--label',
    label,
    ...flags,
    network.name,
  ])
}

const describe = async (
  docker: Docker,
  image: string,
  rest: Pick<LabState, 'images' | 's3'>,
): Promise<LabState> => ({
  network: { name: network.name, subnet: network.subnet, mtu: await uplinkMtu() },
  hosts: Object.fromEntries(
    hostNames.map(name => [name, { address: addresses[name], port: 22, user: 'ops' }]),
  ),
  key: keyFile(),
  knownHosts: knownHostsFile(),
  password: passwordFile(),
  dns: infra,
  mirror,
  acme: { server: acmeDirectory, ca: acmeCa(), root: acmeRoot() },
  names: { ...(await labNames()) },
  capabilities: await probe(docker, image),
  ...rest,
})
