import type { Secret } from '../secret.ts'
import type { ReachableHost } from './host.ts'
import { connectLocally } from './local.ts'
import { renderBootScript } from './root-shell.ts'
import type { Connector } from './session.ts'
import { createConfigReader } from './ssh/config.ts'
import { connect } from './ssh/connect.ts'
import type { AskPassphrase } from './ssh/identity.ts'
import { createKeyring } from './ssh/keyring.ts'
import { reconnect } from './ssh/reconnect.ts'
import { readLoginSettings, resolveTarget } from './ssh/resolve-target.ts'
import { BecomeError, openRootShell } from './ssh/sudo.ts'

export type ConnectorOptions = {
  /** Follow ~/.ssh/config. False in the lab, whose addresses are its own. */
  readonly sshConfig: boolean
  /** sudo's password, the same for all hosts. Default: sudo must not ask. */
  readonly sudoPassword?: Secret
  /** Asks for the passphrase of a key. Default: encrypted keys are left out. */
  readonly ask?: AskPassphrase
  readonly onConnect: (host: string, ms: number) => void
  /** The inventory that was named with -i, for messages. Default: the project's own. */
  readonly inventory?: string | undefined
}

/**
 * Creates the connectors of a run's hosts: by ssh with strict host keys, or, for the address
 * `local`, this machine without ssh.
 */
export const createConnectors = ({
  sshConfig,
  sudoPassword,
  ask,
  onConnect,
  inventory,
}: ConnectorOptions): ((host: ReachableHost) => Connector) => {
  const configs = sshConfig ? createConfigReader() : null
  const keys = createKeyring(ask ? { ask } : {})
  return host => {
    const login = memoize(async () => ({
      ...(await resolveTarget(readLoginSettings(host), configs)),
      ...(inventory === undefined ? {} : { inventory }),
    }))
    const isLocal = host.address === 'local'
    const dial = async (signal: AbortSignal) =>
      isLocal ? connectLocally(host.name) : connect(await login(), { keys, signal })
    // hosts.yaml takes precedence; without a word there, ~/.ssh/config may name another user.
    const needsSudo = async () =>
      host.vars.sudo ?? (host.sudo || (!isLocal && (await login()).user !== 'root'))
    return {
      host: host.name,
      connect: (again, signal) =>
        again ? reconnect(() => dial(signal), { signal }) : dial(signal),
      rootShell: async connection => {
        const become = {
          become: (await needsSudo()) ? 'sudo' : 'no',
          ...(sudoPassword ? { password: sudoPassword } : {}),
        } as const
        return openRootShell(connection, become, renderBootScript()).catch(withFlag)
      },
      onConnect: ms => onConnect(host.name, ms),
    }
  }
}

const memoize = <T>(make: () => Promise<T>): (() => Promise<T>) => {
  let made: Promise<T> | undefined
  return () => (made ??= make())
}

/** Names the flag if sudo asks for a password and none was given. */
const withFlag = (error: unknown): never => {
  if (error instanceof BecomeError && /none was given/.test(error.message))
    throw new BecomeError(
      error.host,
      'sudo asks for a password',
      'Give -K to be asked for it once, or set BRD_SUDO_PASSWORD in .env.',
    )
  throw error
}
