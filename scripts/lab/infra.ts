/** The container with the lab's services. */
import { createHash } from 'node:crypto'
import { mkdir, readFile } from 'node:fs/promises'
import { passMissing } from '../../lib/disk/presence.ts'
import { awaitAll } from '../../lib/images/local-command.ts'
import { labPath, type Say } from '../../lib/inventory/lab-home.ts'
import { writeLabFile } from '../../lib/inventory/lab-state.ts'
import { pollUntil } from '../../lib/run/wait-until.ts'
import { findProxy, readMachineFiles } from './apt.ts'
import type { LabDocker } from './images/types.ts'
import { readLabNames, renderDnsmasq } from './names.ts'
import { infraAddress, label, nameContainer, network, pushPort } from './network.ts'
import { getFromLab } from './reach.ts'

/** The ACME directory; by address, so that a container needs no resolver to find it. */
export const acmeDirectory = `https://${infraAddress}:14000/dir`

/** Paths of the ACME address's authority and of those that sign, or signed, what is issued. */
export const acmeCaFile = (): string => labPath('infra', 'acme', 'ca.pem')
export const acmeRootFile = (): string => labPath('acme-root.pem')

/** All services answer, names are as the inventory has them, the authorities are on disk. */
export const raiseInfra = async (docker: LabDocker, image: string, say: Say): Promise<void> => {
  await mkdir(labPath('infra'), { recursive: true, mode: 0o700 })
  const named = await writeNames()
  const command = await listRunArguments(image)
  const wanted = createHash('sha256').update(command.join('\0')).digest('hex').slice(0, 12)
  const now = await docker([
    'inspect',
    '--format',
    '{{.State.Status}} {{index .Config.Labels "brd.lab.run"}}',
    nameContainer('infra'),
  ]).catch(() => '')
  if (now.trim() !== `running ${wanted}`)
    await replaceContainer(
      docker,
      ['run', '--detach', '--label', `brd.lab.run=${wanted}`, ...command],
      say,
    )
  else if (named)
    await docker(['exec', nameContainer('infra'), 'sh', '-c', 'kill $(cat /run/dnsmasq.pid)'])
  await awaitServices()
}

const replaceContainer = async (docker: LabDocker, command: string[], say: Say) => {
  say('infra: starting registry, names, certificates, package cache')
  await docker(['rm', '--force', '--volumes', nameContainer('infra')]).catch(() => '')
  await docker(command)
}

// True when the names changed: dnsmasq reads them at its start only.
const writeNames = async (): Promise<boolean> => {
  const text = renderDnsmasq(await readLabNames())
  if ((await readFile(labPath('infra', 'names.conf'), 'utf8').catch(() => null)) === text)
    return false
  await writeLabFile('infra/names.conf', text)
  return true
}

const listRunArguments = async (image: string) => [
  ...[
    '--name',
    nameContainer('infra'),
    '--hostname',
    'infra',
    '--label',
    label,
    '--restart',
    'always',
  ],
  ...['--network', network.name, '--ip', infraAddress, '--publish', `127.0.0.1:${pushPort}:5000`],
  ...[
    '--env',
    `LAB_ADDRESS=${infraAddress}`,
    '--env',
    `LAB_UPSTREAM_PROXY=${await findAptProxy()}`,
  ],
  ...['--volume', `${labPath('infra')}:/lab`, image],
]

const awaitServices = async (): Promise<void> => {
  const checks = {
    registry: askRegistry,
    'package cache': askPackageCache,
    'ACME server': storeAcmeRoot,
    names: askNames,
  }
  await awaitAll(
    Object.entries(checks).map(async ([name, check]) => {
      if (
        !(await pollUntil(120_000, () =>
          check().then(
            () => true,
            () => false,
          ),
        ))
      )
        throw new Error(`the lab's ${name} does not answer: docker logs ${nameContainer('infra')}`)
    }),
  )
}

const askRegistry = () => getFromLab(`http://${infraAddress}:5000/v2/`, { timeout: 2_000 })
const askPackageCache = () => getFromLab(`http://${infraAddress}:3142/`, { timeout: 2_000 })

const storeAcmeRoot = async () => {
  const ca = await readFile(acmeCaFile(), 'utf8')
  await getFromLab(acmeDirectory, { ca, timeout: 2_000 })
  const { body } = await getFromLab(`https://${infraAddress}:15000/roots/0`, { ca, timeout: 2_000 })
  await writeLabFile(
    'acme-root.pem',
    addEarlierRoots(body, (await readFile(acmeRootFile(), 'utf8').catch(passMissing)) ?? ''),
  )
}

/**
 * Pebble makes a new root at each start; what it issued before is still in use on the hosts. The
 * newest ten are trusted, the newest first.
 */
export const addEarlierRoots = (root: string, known: string): string => {
  const certificates = (pem: string) =>
    pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []
  return [...new Set([...certificates(root), ...certificates(known)])]
    .slice(0, 10)
    .map(certificate => `${certificate}\n`)
    .join('')
}

const askNames = async () => {
  const { Resolver } = await import('node:dns/promises')
  const resolver = new Resolver({ timeout: 1_000, tries: 1 })
  resolver.setServers([infraAddress])
  const [domain, address] = Object.entries(await readLabNames())[0] ?? []
  if (domain && (await resolver.resolve4(`any.${domain}`))[0] !== address)
    throw new Error('not yet')
}

/** The proxy that apt uses on this machine, for the registry's upstream; empty without one. */
const findAptProxy = async (): Promise<string> =>
  findProxy((await readMachineFiles())['etc/apt/apt.conf.d/90machine'] ?? '') ?? ''
