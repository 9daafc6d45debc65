import { createHash } from 'node:crypto'
import type { Duplex } from 'node:stream'
import { NodeSSH } from 'node-ssh'
import type { AuthenticationType, Client } from 'ssh2'
import type { Unreachable } from '../connection.ts'
import { createMethods } from './auth-methods.ts'
import { explainLoginFailure, explainTimeout } from './failure.ts'
import { chooseHostKeyAlgorithms, findObjection, type HostKeys } from './host-key.ts'
import type { Identities, Keyring } from './keyring.ts'
import type { Rejected } from './rejected-error.ts'
import type { Target } from './target.ts'

/** A login on a host, over a socket of any kind. */
export type Login = {
  readonly target: Target
  readonly ssh: NodeSSH
  readonly client: Client
  readonly socket: Duplex
  /** The key that the host accepted, as `ssh-keygen -l` prints it; null after a password alone. */
  readonly key: string | null
}

/**
 * What a login needs, known before the socket is opened: a socket that nobody listens to could
 * break unseen.
 */
export type Credentials = {
  readonly hostKeys: HostKeys
  readonly keys: Keyring
  readonly offered: Identities
}

/**
 * Proves the host to us by its known key, then us to the host. Rejects with Unreachable after so
 * many milliseconds, not counting
 * the time that a person takes for a passphrase; with Rejected when trying again would not help.
 * The socket is gone then.
 */
export const logIn = async (
  target: Target,
  socket: Duplex,
  { hostKeys, keys, offered }: Credentials,
  ms: number,
): Promise<Login> => {
  const ssh = new NodeSSH()
  let objected: Rejected | null = null
  let accepts: readonly AuthenticationType[] | null = null
  let phase = 'the SSH handshake'
  let key: string | null = null
  const connecting = ssh.connect({
    ...fixed,
    sock: socket as never, // any Duplex does
    username: target.user,
    algorithms: { serverHostKey: chooseHostKeyAlgorithms(hostKeys.lines) },
    hostVerifier: (key: Buffer) => {
      objected = findObjection(target, hostKeys, key)
      return objected === null
    },
    authHandler: createMethods(
      target,
      offered,
      left => {
        phase = `the login as ${target.user}`
        accepts = left ?? accepts
      },
      ({ publicKey }) => {
        key = formatFingerprint(publicKey.getPublicSSH())
      },
    ),
  })
  const client = ssh.connection as Client
  // node-ssh listens until the login only; a link that breaks later shows as its close
  client.on('error', () => {})
  const clock = startDeadline(ms, keys, () => explainTimeout(target, phase, ms))
  try {
    await Promise.race([connecting, clock.expired])
    return { target, ssh, client, socket, key }
  } catch (error) {
    connecting.catch(() => {})
    socket.destroy()
    throw objected ?? explainLoginFailure(target, error as Error, { offered, accepts })
  } finally {
    clock.stop()
  }
}

const formatFingerprint = (key: Buffer): string =>
  `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`

/**
 * A dead link is noticed after 40 seconds: three questions unanswered. The time of the login is
 * ours: a person may be asked in between.
 */
const fixed = { readyTimeout: 0, keepaliveInterval: 10_000, keepaliveCountMax: 3 }

/** Milliseconds that a goodbye may take before the socket is dropped. */
const goodbye = 2000

/** Ends a login. Bounded: after two seconds its socket is dropped. */
export const hangUp = ({ client, socket }: Login): Promise<void> =>
  new Promise(resolve => {
    if (socket.destroyed || socket.readableEnded) return resolve()
    const timer = setTimeout(() => {
      socket.destroy()
      resolve()
    }, goodbye)
    client.once('close', () => {
      clearTimeout(timer)
      resolve()
    })
    client.end()
  })

/** A timer that stands still while a question is open. */
const startDeadline = (
  ms: number,
  keys: Keyring,
  error: () => Unreachable,
): { readonly expired: Promise<never>; readonly stop: () => void } => {
  let timer: NodeJS.Timeout
  let stopped = false
  const expired = new Promise<never>((_, reject) => {
    const start = () => {
      timer = setTimeout(() => {
        const open = keys.asking()
        if (open !== undefined) void open.then(() => stopped || start())
        else reject(error())
      }, ms)
    }
    start()
  })
  const stop = () => {
    stopped = true
    clearTimeout(timer)
  }
  return { expired, stop }
}
