/**
 * The lab's keys and its one password: made once, kept from `up` to `up`, so that known_hosts
 * holds.
 */
import { randomBytes } from 'node:crypto'
import { access, copyFile, mkdir, readFile } from 'node:fs/promises'
import { runLocal } from '../../lib/images/local-command.ts'
import { at } from '../../lib/inventory/lab-home.ts'
import { writeLabFile } from '../../lib/inventory/lab-state.ts'
import type { Docker } from './images/types.ts'
import { addresses, container, type HostName, hostNames } from './network.ts'

/** Paths of what a person or a playbook logs in with. */
export const keyFile = (): string => at('key')
export const knownHostsFile = (): string => at('known_hosts')
export const passwordFile = (): string => at('password')

/** All keys exist; resolves with the folder of what a host installs at its first boot. */
export const firstBoot = async (name: HostName): Promise<string> => {
  const folder = at('hosts', name)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  await generate(at('hosts', name, 'ssh_host_ed25519_key'), name)
  await copyFile(`${keyFile()}.pub`, at('hosts', name, 'key.pub'))
  await copyFile(passwordFile(), at('hosts', name, 'password'))
  return folder
}

/** The key and the password that all hosts share exist. */
export const sharedKeys = async (): Promise<void> => {
  await generate(keyFile(), 'brd-lab')
  if (!(await exists(passwordFile())))
    await writeLabFile('password', randomBytes(12).toString('base64url'))
}

/**
 * known_hosts holds the keys that the hosts have, read out of the containers, not taken from the
 * network.
 */
export const enrol = async (docker: Docker): Promise<void> => {
  const lines = hostNames.map(async name => {
    const key = await docker(['exec', container(name), 'cat', '/etc/ssh/ssh_host_ed25519_key.pub'])
    return `${name},${addresses[name]} ${key.trim().split(' ').slice(0, 2).join(' ')}\n`
  })
  await writeLabFile('known_hosts', (await Promise.all(lines)).join(''))
}

/**
 * The arguments for `ssh` as `user` on a host: the lab's key, and no host key but the enrolled one.
 */
export const sshArguments = (name: HostName, user = 'ops'): string[] => [
  ...[
    '-i',
    keyFile(),
    '-o',
    'IdentitiesOnly=yes',
    '-o',
    `UserKnownHostsFile=${knownHostsFile()}`,
    '-o',
    'StrictHostKeyChecking=yes',
  ],
  `${user}@${addresses[name]}`,
]

const exists = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  )

const generate = async (path: string, comment: string) => {
  if (await exists(`${path}.pub`)) return
  await runLocal(['rm', '-f', path])
  await runLocal(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-C', comment, '-f', path])
}

/** The password that sudo asks of `ops-password`. */
export const password = async (): Promise<string> => (await readFile(passwordFile(), 'utf8')).trim()
