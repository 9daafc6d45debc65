/** One server of the lab: a container with systemd, made, healed or made anew. */

import type { Say } from '../../lib/inventory/lab-home.ts'
import { pollUntil } from '../../lib/run/wait-until.ts'
import type { LabDocker } from './images/types.ts'
import { prepareFirstBoot } from './keys.ts'
import {
  type HostName,
  hostAddresses,
  infraAddress,
  label,
  nameContainer,
  network,
} from './network.ts'

/**
 * What a server needs to run systemd and a Docker engine; no clock (SYS_TIME), no modules.
 * `--privileged` is more than some kernels grant.
 */
const capabilities = (
  'SYS_ADMIN NET_ADMIN SYS_PTRACE SYS_NICE SYS_BOOT IPC_LOCK DAC_READ_SEARCH ' +
  'LINUX_IMMUTABLE SYS_TTY_CONFIG NET_BROADCAST LEASE'
).split(' ')

/** Seconds that a host may take to boot on a busy machine. */
const BOOT = 120

/** The host runs: as it was where it exists, else as new. `image` is what a new one is made of. */
export const raiseHost = async (
  docker: LabDocker,
  name: HostName,
  image: string,
  say: Say,
): Promise<void> => {
  const now = await readHostStatus(docker, name)
  if (now !== 'running' && !(await restartHost(docker, name, now)))
    await replaceHost(docker, name, image, say)
  else if ((await readHostImage(docker, name)) !== image)
    say(`${name}: made of another image of the lab; \`reset ${name}\` renews it`)
  await awaitBoot(docker, name, say)
}

/**
 * The host is as a provider hands it over: a new container, empty volumes, the host key that it
 * had.
 */
export const replaceHost = async (
  docker: LabDocker,
  name: HostName,
  image: string,
  say: Say,
): Promise<void> => {
  say(`${name}: a new server`)
  const folder = await prepareFirstBoot(name)
  await removeHost(docker, name)
  await docker(['volume', 'create', '--label', label, nameVolume(name)])
  await docker(['create', ...listFlags(name), image])
  await docker(['cp', `${folder}/.`, `${nameContainer(name)}:/etc/lab/first-boot`])
  await docker(['start', nameContainer(name)])
}

/**
 * The host and all it stored are gone. A busy engine may fail to remove a container that it is
 * still ending, and a volume that it still has in use: it is asked again, for two minutes.
 */
export const removeHost = async (docker: LabDocker, name: HostName): Promise<void> => {
  let said = ''
  const remove = async (): Promise<boolean> => {
    try {
      await docker(['rm', '--force', '--volumes', nameContainer(name)]).catch(passIfMissing)
      await docker(['volume', 'rm', '--force', nameVolume(name)])
      return true
    } catch (error) {
      said = (error as Error).message
      return false
    }
  }
  if (!(await pollUntil(120_000, remove, 1000)))
    throw new Error(`${name} cannot be removed: ${said}`)
}

const passIfMissing = (error: Error): void => {
  if (!/No such container/i.test(error.message)) throw error
}

/** The host has booted. Throws, with what failed, when it does not in time. */
export const awaitBoot = async (docker: LabDocker, name: HostName, say: Say): Promise<void> => {
  const ask = () =>
    docker(
      [
        'exec',
        nameContainer(name),
        'sh',
        '-c',
        'systemctl is-system-running; systemctl is-active ssh.service',
      ],
      { timeout: 10_000 },
    )
  let said = ''
  const booted = await pollUntil(BOOT * 1000, async () => {
    said = await ask().catch(error => error.message.replace(/^.*?: /s, ''))
    return /^(running|degraded)\n/.test(`${said}\n`)
  })
  if (!booted)
    throw new Error(
      `${name} did not boot within ${BOOT} s (${said.trim()}): docker logs ${nameContainer(name)}`,
    )
  if (/^degraded/.test(said))
    say(`${name}: up, but some of its services failed: ssh in and ask \`systemctl --failed\``)
}

/** `running`, `exited` …, or null if there is no such container. */
export const readHostStatus = (docker: LabDocker, name: string): Promise<string | null> =>
  docker(['inspect', '--format', '{{.State.Status}}', nameContainer(name)]).then(
    text => text.trim(),
    () => null,
  )

const readHostImage = (docker: LabDocker, name: HostName) =>
  docker(['inspect', '--format', '{{.Config.Image}}', nameContainer(name)]).then(text =>
    text.trim(),
  )

// One that was only created may lack its keys: an `up` died between the two.
const restartHost = async (
  docker: LabDocker,
  name: HostName,
  now: string | null,
): Promise<boolean> => {
  if (now === null || now === 'created') return false
  return await docker(['start', nameContainer(name)]).then(
    () => true,
    () => false,
  )
}

const nameVolume = (name: string) => `${nameContainer(name)}-docker`

const listFlags = (name: HostName) => [
  ...['--name', nameContainer(name), '--hostname', name, '--label', label, '--restart', 'always'],
  ...['--network', network.name, '--ip', hostAddresses[name], '--env', `LAB_DNS=${infraAddress}`],
  ...capabilities.flatMap(word => ['--cap-add', word]),
  ...[
    '--security-opt',
    'seccomp=unconfined',
    '--security-opt',
    'apparmor=unconfined',
    '--cgroupns',
    'private',
  ],
  ...['--device-cgroup-rule', 'a *:* rwm', '--shm-size', '256m'],
  ...['--tmpfs', '/run:exec', '--tmpfs', '/run/lock', '--tmpfs', '/tmp:exec'],
  ...['--volume', `${nameVolume(name)}:/var/lib/docker`],
]
