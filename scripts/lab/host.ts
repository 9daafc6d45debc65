/** One server of the lab: a container with systemd, made, healed or made anew. */

import { pollUntil } from '../../lib/images/local-command.ts'
import type { Say } from '../../lib/inventory/lab-home.ts'
import type { Docker } from './images/types.ts'
import { firstBoot } from './keys.ts'
import { addresses, container, type HostName, infra, label, network } from './network.ts'

/**
 * What a server needs to run systemd and a Docker engine; no clock (SYS_TIME), no modules.
 * `--privileged` is more than some kernels grant.
 */
const capabilities =
  'SYS_ADMIN NET_ADMIN SYS_PTRACE SYS_NICE SYS_BOOT IPC_LOCK DAC_READ_SEARCH LINUX_IMMUTABLE SYS_TTY_CONFIG NET_BROADCAST LEASE'.split(
    ' ',
  )

/** Seconds that a host may take to boot on a busy machine. */
const BOOT = 120

/** The host runs: as it was where it exists, else as new. `image` is what a new one is made of. */
export const raiseHost = async (
  docker: Docker,
  name: HostName,
  image: string,
  say: Say,
): Promise<void> => {
  const now = await status(docker, name)
  if (now !== 'running' && !(await restarted(docker, name, now)))
    await freshHost(docker, name, image, say)
  else if ((await madeOf(docker, name)) !== image)
    say(`${name}: made of another image of the lab; \`reset ${name}\` renews it`)
  await ready(docker, name, say)
}

/**
 * The host is as a provider hands it over: a new container, empty volumes, the host key that it
 * had.
 */
export const freshHost = async (
  docker: Docker,
  name: HostName,
  image: string,
  say: Say,
): Promise<void> => {
  say(`${name}: a new server`)
  const folder = await firstBoot(name)
  await removeHost(docker, name)
  await docker(['volume', 'create', '--label', label, volume(name)])
  await docker(['create', ...flags(name), image])
  await docker(['cp', `${folder}/.`, `${container(name)}:/etc/lab/first-boot`])
  await docker(['start', container(name)])
}

/** The host and all it stored are gone. */
export const removeHost = async (docker: Docker, name: HostName): Promise<void> => {
  await docker(['rm', '--force', '--volumes', container(name)]).catch(() => '')
  await docker(['volume', 'rm', '--force', volume(name)])
}

/** The host has booted. Throws, with what failed, when it does not in time. */
export const ready = async (docker: Docker, name: HostName, say: Say): Promise<void> => {
  const ask = () =>
    docker(
      [
        'exec',
        container(name),
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
      `${name} did not boot within ${BOOT} s (${said.trim()}): docker logs ${container(name)}`,
    )
  if (/^degraded/.test(said))
    say(`${name}: up, but some of its services failed: ssh in and ask \`systemctl --failed\``)
}

/** `running`, `exited` …, or null where there is no such container. */
export const status = (docker: Docker, name: string): Promise<string | null> =>
  docker(['inspect', '--format', '{{.State.Status}}', container(name)]).then(
    text => text.trim(),
    () => null,
  )

const madeOf = (docker: Docker, name: HostName) =>
  docker(['inspect', '--format', '{{.Config.Image}}', container(name)]).then(text => text.trim())

// One that was only created may lack its keys: an `up` died between the two.
const restarted = async (docker: Docker, name: HostName, now: string | null): Promise<boolean> => {
  if (now === null || now === 'created') return false
  return await docker(['start', container(name)]).then(
    () => true,
    () => false,
  )
}

const volume = (name: string) => `${container(name)}-docker`

const flags = (name: HostName) => [
  ...['--name', container(name), '--hostname', name, '--label', label, '--restart', 'always'],
  ...['--network', network.name, '--ip', addresses[name], '--env', `LAB_DNS=${infra}`],
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
  ...['--volume', `${volume(name)}:/var/lib/docker`],
]
