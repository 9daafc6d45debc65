/** The container with the lab's services. */
import { createHash } from 'node:crypto'
import { mkdir, readFile } from 'node:fs/promises'
import { awaitAll, pollUntil } from '../../lib/images/local-command.ts'
import { at, type Say } from '../../lib/inventory/lab-home.ts'
import { writeLabFile } from '../../lib/inventory/lab-state.ts'
import { machineFiles, proxy } from './apt.ts'
import type { Docker } from './images/types.ts'
import { dnsmasq, labNames } from './names.ts'
import { container, infra, label, network, pushPort } from './network.ts'
import { get } from './reach.ts'

/** The ACME directory; by address, so that a container needs no resolver to find it. */
export const acmeDirectory = `https://${infra}:14000/dir`

/** Paths of the ACME address's authority and of those that sign, or signed, what is issued. */
export const acmeCa = (): string => at('infra', 'acme', 'ca.pem')
export const acmeRoot = (): string => at('acme-root.pem')

/** All services answer, names are as the inventory has them, the authorities are on disk. */
export const raiseInfra = async (docker: Docker, image: string, say: Say): Promise<void> => {
  await mkdir(at('infra'), { recursive: true, mode: 0o700 })
  const named = await writeNames()
  const command = await run(image)
  const wanted = createHash('sha256').update(command.join('\0')).digest('hex').slice(0, 12)
  const now = await docker([
    'inspect',
    '--format',
    '{{.State.Status}} {{index .Config.Labels "brd.lab.run"}}',
    container('infra'),
  ]).catch(() => '')
  if (now.trim() !== `running ${wanted}`)
    await replace(docker, ['run', '--detach', '--label', `brd.lab.run=${wanted}`, ...command], say)
  else if (named)
    await docker(['exec', container('infra'), 'sh', '-c', 'kill $(cat /run/dnsmasq.pid)'])
  await answering()
}

const replace = async (docker: Docker, command: string[], say: Say) => {
  say('infra: starting registry, names, certificates, package cache')
  await docker(['rm', '--force', '--volumes', container('infra')]).catch(() => '')
  await docker(command)
}

// True when the names changed: dnsmasq reads them at its start only.
const writeNames = async (): Promise<boolean> => {
  const text = dnsmasq(await labNames())
  if ((await readFile(at('infra', 'names.conf'), 'utf8').catch(() => null)) === text) return false
  await writeLabFile('infra/names.conf', text)
  return true
}

const run = async (image: string) => [
  ...['--name', container('infra'), '--hostname', 'infra', '--label', label, '--restart', 'always'],
  ...['--network', network.name, '--ip', infra, '--publish', `127.0.0.1:${pushPort}:5000`],
  ...[
    '--env',
    `LAB_ADDRESS=${infra}`,
    '--env',
    `LAB_UPSTREAM_PROXY=${proxy((await machineFiles())['etc/apt/apt.conf.d/90machine'] ?? '') ?? ''}`,
  ],
  ...['--volume', `${at('infra')}:/lab`, image],
]

const answering = async (): Promise<void> => {
  const checks = { registry: registry, 'package cache': packages, 'ACME server': acme, names }
  await awaitAll(
    Object.entries(checks).map(async ([name, check]) => {
      if (
        !(await pollUntil(40_000, () =>
          check().then(
            () => true,
            () => false,
          ),
        ))
      )
        throw new Error(`the lab's ${name} does not answer: docker logs ${container('infra')}`)
    }),
  )
}

const registry = () => get(`http://${infra}:5000/v2/`, { timeout: 2_000 })
const packages = () => get(`http://${infra}:3142/`, { timeout: 2_000 })

const acme = async () => {
  const ca = await readFile(acmeCa(), 'utf8')
  await get(acmeDirectory, { ca, timeout: 2_000 })
  const { body } = await get(`https://${infra}:15000/roots/0`, { ca, timeout: 2_000 })
  await writeLabFile(
    'acme-root.pem',
    withEarlier(body, await readFile(acmeRoot(), 'utf8').catch(() => '')),
  )
}

/**
 * Pebble makes a new root at each start; what it issued before is still in use on the hosts. The
 * newest ten are trusted, the newest first.
 */
export const withEarlier = (root: string, known: string): string => {
  const certificates = (pem: string) =>
    pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []
  return [...new Set([...certificates(root), ...certificates(known)])]
    .slice(0, 10)
    .map(certificate => `${certificate}\n`)
    .join('')
}

const names = async () => {
  const { Resolver } = await import('node:dns/promises')
  const resolver = new Resolver({ timeout: 1_000, tries: 1 })
  resolver.setServers([infra])
  const [domain, address] = Object.entries(await labNames())[0] ?? []
  if (domain && (await resolver.resolve4(`any.${domain}`))[0] !== address)
    throw new Error('not yet')
}
