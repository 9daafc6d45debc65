/**
 * The lab's keys and its one password: made once, kept from `up` to `up`, so that known_hosts
 * holds.
 */
import { randomBytes } from 'node:crypto'
import { copyFile, mkdir, readFile } from 'node:fs/promises'
import { isThere, passMissing } from '../../lib/disk/presence.ts'
import { runLocal } from '../../lib/images/local-command.ts'
import { labPath } from '../../lib/inventory/lab-home.ts'
import { writeLabFile } from '../../lib/inventory/lab-state.ts'
import type { LabDocker } from './images/types.ts'
import { type HostName, hostAddresses, hostNames, nameContainer } from './network.ts'

/** Paths of what a person or a playbook logs in with. */
export const keyFile = (): string => labPath('key')
export const knownHostsFile = (): string => labPath('known_hosts')
export const passwordFile = (): string => labPath('password')

/** All keys exist; resolves with the folder of what a host installs at its first boot. */
export const prepareFirstBoot = async (name: HostName): Promise<string> => {
  const folder = labPath('hosts', name)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  await generate(labPath('hosts', name, 'ssh_host_ed25519_key'), name)
  await copyFile(`${keyFile()}.pub`, labPath('hosts', name, 'key.pub'))
  await copyFile(passwordFile(), labPath('hosts', name, 'password'))
  return folder
}

/** The key and the password that all hosts share exist. */
export const makeSharedKeys = async (): Promise<void> => {
  await generate(keyFile(), 'brd-lab')
  if (!isThere(passwordFile()))
    await writeLabFile('password', randomBytes(12).toString('base64url'))
}

/**
 * known_hosts holds the keys that these hosts have (default: all), read out of the containers, not
 * taken from the network. The lines of others stay: one of them may just be starting.
 */
export const enrol = async (
  docker: LabDocker,
  names: readonly HostName[] = hostNames,
): Promise<void> => {
  const begin = (name: HostName): string => `${name},${hostAddresses[name]} `
  const before = ((await readFile(knownHostsFile(), 'utf8').catch(passMissing)) ?? '').split('\n')
  const findLine = async (name: HostName): Promise<string | undefined> => {
    if (!names.includes(name)) return before.find(line => line.startsWith(begin(name)))
    const key = await docker([
      'exec',
      nameContainer(name),
      'cat',
      '/etc/ssh/ssh_host_ed25519_key.pub',
    ])
    return `${begin(name)}${key.trim().split(' ').slice(0, 2).join(' ')}`
  }
  const lines = await Promise.all(hostNames.map(findLine))
  const known = lines.flatMap(line => (line === undefined ? [] : [`${line}\n`]))
  await writeLabFile('known_hosts', known.join(''))
}

/**
 * The arguments for `ssh` as `user` on a host: the lab's key, and no host key but the enrolled one.
 */
export const listSshArguments = (name: HostName, user = 'ops'): string[] => [
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
  `${user}@${hostAddresses[name]}`,
]

const generate = async (path: string, comment: string) => {
  if (isThere(`${path}.pub`)) return
  await runLocal(['rm', '-f', path])
  await runLocal(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-C', comment, '-f', path])
}

/** The password that sudo asks of `ops-password`. */
export const readPassword = async (): Promise<string> =>
  (await readFile(passwordFile(), 'utf8')).trim()
