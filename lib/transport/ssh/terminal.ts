import { spawn } from 'node:child_process'
import { quote, type Sh } from '../../sh.ts'
import type { ReachableHost } from '../host.ts'
import { readLoginSettings } from './resolve-target.ts'

export type Terminal = {
  /** A terminal on the host too: for a shell, a prompt, colours. */
  readonly tty: boolean
  /** Follow ~/.ssh/config. False in the lab, whose addresses are its own. */
  readonly sshConfig: boolean
}

/**
 * Runs a fragment as root on a host with this process's own stdin, stdout and stderr, by ssh(1),
 * and gives its exit code. For people who look at something: what
 * changes a host is an operation. Host keys are checked as everywhere.
 */
export const runOnTerminal = (
  host: ReachableHost,
  fragment: Sh,
  options: Terminal,
): Promise<number> => {
  const [command = '', ...words] = buildCommand(host, fragment, options)
  return new Promise((resolve, reject) => {
    // A signal reaches the child by itself, and this waits for how it ends.
    const ignore = (): void => {}
    process.on('SIGINT', ignore)
    spawn(command, words, { stdio: 'inherit' })
      .on('error', reject)
      .on('close', code => {
        process.off('SIGINT', ignore)
        resolve(code ?? 130)
      })
  })
}

/** What a fragment printed, and how it ended. */
export type Printed = {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/**
 * Runs a fragment as root on a host by ssh(1), and gives what it printed: for what is only read,
 * and shown to people. Exit code 255 is ssh's own.
 */
export const readOnTerminal = (
  host: ReachableHost,
  fragment: Sh,
  { sshConfig }: Pick<Terminal, 'sshConfig'>,
): Promise<Printed> => {
  const [command = '', ...words] = buildCommand(host, fragment, { tty: false, sshConfig })
  return new Promise((resolve, reject) => {
    const child = spawn(command, words, { stdio: ['ignore', 'pipe', 'pipe'] })
    const [stdout, stderr] = [child.stdout, child.stderr].map(stream => {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      return () => Buffer.concat(chunks).toString()
    })
    child
      .on('error', reject)
      .on('close', code =>
        resolve({ code: code ?? 130, stdout: stdout?.() ?? '', stderr: stderr?.() ?? '' }),
      )
  })
}

const buildCommand = (host: ReachableHost, fragment: Sh, options: Terminal): readonly string[] =>
  host.address === 'local' ? ['sh', '-c', fragment.text] : buildSshCommand(host, fragment, options)

/**
 * The words that start ssh. What the inventory sets goes before the user's configuration of ssh.
 */
export const buildSshCommand = (
  host: ReachableHost,
  fragment: Sh,
  { tty, sshConfig }: Terminal,
): readonly string[] => {
  const { address, port, user, defaultUser, identityFile, knownHosts } = readLoginSettings(host)
  const login = user ?? (defaultUser === 'root' ? undefined : defaultUser)
  const become = host.sudo ? 'sudo -n -- ' : ''
  return [
    'ssh',
    ...(tty ? ['-t'] : ['-T']),
    ...(sshConfig ? [] : ['-F', 'none']),
    ...[
      '-o',
      `HostName=${address}`,
      '-o',
      'StrictHostKeyChecking=yes',
      '-o',
      'ConnectTimeout=15',
      '-o',
      'LogLevel=ERROR',
    ],
    ...(port === undefined ? [] : ['-p', String(port)]),
    ...(login === undefined ? [] : ['-l', login]),
    ...(identityFile ? ['-i', identityFile, '-o', 'IdentitiesOnly=yes'] : []),
    ...(knownHosts ? ['-o', `UserKnownHostsFile=${knownHosts}`] : []),
    '--',
    host.name,
    `${become}sh -c ${quote(fragment.text)}`,
  ]
}
