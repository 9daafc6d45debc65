/**
 * Raising the lab: every step finds what an earlier, perhaps killed `up` left, and goes on from
 * there.
 */
import { mkdir } from 'node:fs/promises'
import { awaitAll } from '../../lib/images/local-command.ts'
import { labPath, type Say } from '../../lib/inventory/lab-home.ts'
import {
  type LabState,
  readLabState,
  requireLab,
  writeState,
} from '../../lib/inventory/lab-state.ts'
import { buildLabImage, type ImageKind } from './build.ts'
import { probeKernel } from './capabilities.ts'
import { provideDebian } from './debian-base.ts'
import { findEngine, type LabDocker } from './engine.ts'
import { awaitBoot, raiseHost, replaceHost } from './host.ts'
import { acmeCaFile, acmeDirectory, acmeRootFile, raiseInfra } from './infra.ts'
import { enrol, keyFile, knownHostsFile, makeSharedKeys, passwordFile } from './keys.ts'
import { withLabLock } from './lock.ts'
import { mirror, provideOthers, provideTools, publish } from './mirror.ts'
import { readLabNames } from './names.ts'
import {
  bridge,
  findOccupant,
  type HostName,
  hostAddresses,
  hostNames,
  infraAddress,
  label,
  network,
  readUplinkMtu,
  space,
} from './network.ts'
import { raiseS3 } from './s3.ts'

type Options = {
  /** New hosts have Docker inside. Default: they are bare, for the bootstrap to prove itself. */
  prebaked?: boolean
  /** The images that the registry has in the end. Default: all. */
  images?: ImageGroup
}

/** None, those of the clusters' tools, or those of environments too. */
export const imageGroups = ['none', 'tools', 'all'] as const
export type ImageGroup = (typeof imageGroups)[number]

/** How the message begins that is said when the hosts are up and their images are still made. */
export const hostsUp = 'hosts: up'

/** The lab runs, with all its services, hosts and images; what already ran was left as it is. */
export const up = async (
  say: Say,
  { prebaked = false, images = 'all' }: Options = {},
): Promise<LabState> => {
  const docker = await withLabLock('lab', 'lab up', () => prepare(say))
  const raising = withLabLock('lab', 'lab up', () => raise(docker, say, prebaked))
  if (images === 'none') return raising
  // Images need no more than the engine and Debian: they are made while the hosts come up.
  const filling = withLabLock('images', 'lab up, images', () => fill(docker, raising, images, say))
  await awaitAll([raising, filling])
  return filling
}

/** The tools' images come first: with them a cluster can be raised. */
const fill = async (
  docker: LabDocker,
  raising: Promise<LabState>,
  images: 'tools' | 'all',
  say: Say,
): Promise<LabState> => {
  const announced = raising.then(() =>
    say(`${hostsUp}; images are made (the first time takes minutes)`),
  )
  const tools = await provideTools(docker, say)
  await announced
  await publish(docker, tools, say)
  const known = (state: LabState) =>
    state.images.filter(({ ref }) => !tools.some(tool => tool.ref === ref))
  const raised = await raising
  const withTools = { ...raised, images: [...tools, ...known(raised)] }
  await writeState(withTools)
  if (images === 'tools') return withTools
  const others = await provideOthers(docker, say)
  await publish(docker, others, say)
  const whole = { ...raised, images: [...tools, ...others] }
  await writeState(whole)
  return whole
}

/** The engine runs, and has Debian: what hosts and images need alike. */
const prepare = async (say: Say): Promise<LabDocker> => {
  const device = await findOccupant()
  if (device)
    throw new Error(
      `${device} has addresses of ${space}0.0/16, which the lab uses: ` +
        'set BRD_LAB_NET to a free number between 1 and 254',
    )
  const docker = await findEngine()
  await provideDebian(docker, say)
  return docker
}

const raise = async (docker: LabDocker, say: Say, prebaked: boolean): Promise<LabState> => {
  await raiseNetwork(docker)
  await raiseInfra(docker, await buildLabImage('infra', docker, say), say)
  const buckets = await raiseS3(docker, say)
  const image = await buildLabImage(chooseImage(prebaked), docker, say)
  await makeSharedKeys()
  await awaitAll(hostNames.map(name => raiseHost(docker, name, image, say)))
  await enrol(docker)
  const state = await describe(docker, image, {
    images: (await readLabState())?.images ?? [],
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
  withLabLock('lab', 'lab reset', async () => {
    await requireLab()
    const docker = await findEngine()
    const image = await buildLabImage(chooseImage(prebaked), docker, say)
    await awaitAll(
      names.map(async name => {
        await replaceHost(docker, name, image, say)
        await awaitBoot(docker, name, say)
      }),
    )
    await enrol(docker, names)
  })

const chooseImage = (prebaked: boolean): ImageKind => (prebaked ? 'host-prebaked' : 'host')

const raiseNetwork = async (docker: LabDocker): Promise<void> => {
  await mkdir(labPath(), { recursive: true, mode: 0o700 })
  if (await docker(['network', 'inspect', network.name]).catch(() => null)) return
  const options = {
    'com.docker.network.bridge.name': bridge.hosts,
    'com.docker.network.driver.mtu': String(await readUplinkMtu()),
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
  docker: LabDocker,
  image: string,
  rest: Pick<LabState, 'images' | 's3'>,
): Promise<LabState> => ({
  network: { name: network.name, subnet: network.subnet, mtu: await readUplinkMtu() },
  hosts: Object.fromEntries(
    hostNames.map(name => [name, { address: hostAddresses[name], port: 22, user: 'ops' }]),
  ),
  key: keyFile(),
  knownHosts: knownHostsFile(),
  password: passwordFile(),
  dns: infraAddress,
  mirror,
  acme: { server: acmeDirectory, ca: acmeCaFile(), root: acmeRootFile() },
  names: { ...(await readLabNames()) },
  capabilities: await probeKernel(docker, image),
  ...rest,
})
