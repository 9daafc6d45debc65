import { spawn } from 'node:child_process'
import type { Host } from '../../inventory/inventory.ts'
import { quote, type Sh } from '../../sh.ts'

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
export const onTerminal = (host: Host, fragment: Sh, options: Terminal): Promise<number> => {
  const [command = '', ...words] =
    host.address === 'local' ? ['sh', '-c', fragment.text] : sshWords(host, fragment, options)
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

/**
 * The words that start ssh. What the inventory sets goes before the user's configuration of ssh.
 */
export const sshWords = (
  host: Host,
  fragment: Sh,
  { tty, sshConfig }: Terminal,
): readonly string[] => {
  const set = (name: string): boolean =>
    host.layers.some(({ level, values }) => level !== 'default' && name in values)
  const { name, address, port, user, identityFile, knownHosts, sudo } = host
  const become = sudo ? 'sudo -n -- ' : ''
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
    ...(set('port') ? ['-p', String(port)] : []),
    ...(set('user') || user !== 'root' ? ['-l', user] : []),
    ...(identityFile ? ['-i', identityFile, '-o', 'IdentitiesOnly=yes'] : []),
    ...(knownHosts ? ['-o', `UserKnownHostsFile=${knownHosts}`] : []),
    '--',
    name,
    `${become}sh -c ${quote(fragment.text)}`,
  ]
}
