import type { Duplex } from 'node:stream'
import { type Connection, Unreachable } from '../connection.ts'
import { openSession } from './connection.ts'
import { dial } from './dial.ts'
import { readHostKeys } from './host-key.ts'
import { createKeyring, type Keyring } from './keyring.ts'
import { hangUp, type Login, logIn } from './login.ts'
import { Rejected } from './rejected-error.ts'
import { formatEndpoint, type Target } from './target.ts'

export type ConnectOptions = {
  /**
   * The user's keys. Give all connections of a run the same one: a passphrase is asked once then.
   * Default: the agent, and files without a passphrase.
   */
  readonly keys?: Keyring
  /** Seconds for each host on the way: TCP, handshake and login. Default 15. */
  readonly seconds?: number
  /** Ends connecting immediately. An open connection is not affected. */
  readonly signal?: AbortSignal
}

/** A socket that ends at the host's sshd, and what must be closed after it. */
export type Route = { readonly socket: Duplex; readonly close: () => Promise<void> }

/**
 * A connection to the host, through its jump hosts, each of which has shown its known host key.
 * Rejects with Unreachable, or with
 * Rejected when trying again would not help; nothing is left open then.
 */
export const connect = async (
  target: Target,
  options: ConnectOptions = {},
): Promise<Connection> => {
  const { login, close } = await logInThrough(target, {
    ...options,
    keys: options.keys ?? createKeyring(),
  })
  return openSession(login, close)
}

/**
 * A way to the host's sshd: TCP, or a channel of the last jump host. Nobody has logged in there
 * yet.
 */
export const openRoute = async (target: Target, options: ConnectOptions = {}): Promise<Route> => {
  const jumps = target.jumps ?? []
  const last = jumps.at(-1)
  if (!last) {
    const socket = await dial(target, pickTimeout(options), options.signal)
    return { socket, close: async () => void socket.destroy() }
  }
  const jump = await logInThrough({ ...last, jumps: jumps.slice(0, -1) }, options).catch(
    (error: unknown) => blameHop(target, error),
  )
  return closeOnFailure(jump.close, async () => ({
    socket: await forwardTo(jump.login, target, pickTimeout(options)),
    close: jump.close,
  }))
}

type Entered = { readonly login: Login; readonly close: () => Promise<void> }

const logInThrough = async (target: Target, options: ConnectOptions): Promise<Entered> => {
  const keys = options.keys ?? createKeyring()
  const [hostKeys, offered] = await Promise.all([readHostKeys(target), keys.for(target)])
  const started = Date.now()
  const way = await openRoute(target, options)
  const left =
    (target.jumps?.length ?? 0) > 0
      ? pickTimeout(options)
      : Math.max(1000, pickTimeout(options) - (Date.now() - started))
  return closeOnFailure(way.close, async () => {
    const there = await cutAtSignal(options.signal, way.socket, () =>
      logIn(target, way.socket, { hostKeys, keys, offered }, left),
    )
    const close = async () => {
      await hangUp(there)
      await way.close()
    }
    return { login: there, close }
  })
}

/** The work fails at the signal, since its socket is gone. */
const cutAtSignal = async <T>(
  signal: AbortSignal | undefined,
  socket: Duplex,
  work: () => Promise<T>,
): Promise<T> => {
  const cut = () => void socket.destroy()
  if (signal?.aborted) cut()
  signal?.addEventListener('abort', cut)
  try {
    return await work()
  } finally {
    signal?.removeEventListener('abort', cut)
  }
}

/** Runs the work; when it fails, closes first. */
const closeOnFailure = async <T>(
  close: () => Promise<void>,
  work: () => Promise<T>,
): Promise<T> => {
  try {
    return await work()
  } catch (error) {
    await close()
    throw error
  }
}

/** A channel from the jump host to the next one. */
const forwardTo = async (jump: Login, target: Target, ms: number): Promise<Duplex> => {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer in ${Math.round(ms / 1000)} s`)), ms)
  })
  try {
    return await Promise.race([
      jump.ssh.forwardOut('127.0.0.1', 0, target.address, target.port),
      late,
    ])
  } catch (cause) {
    throw describeForwardFailure(jump.target, target, cause as Error & { readonly reason?: number })
  } finally {
    clearTimeout(timer)
  }
}

const describeForwardFailure = (
  jump: Target,
  target: Target,
  cause: Error & { readonly reason?: number },
): Unreachable => {
  const prohibited = cause.reason === 1 // SSH_OPEN_ADMINISTRATIVELY_PROHIBITED, RFC 4254
  const why = prohibited
    ? 'it prohibits forwarding'
    : cause.message.replace('(SSH) Channel open failure: ', '')
  return new Unreachable(
    target.host,
    `jump host ${jump.host} cannot reach ${formatEndpoint(target.address, target.port)}: ${why}`,
    {
      cause,
      next: prohibited
        ? `sshd on ${jump.host} must allow it: AllowTcpForwarding, PermitOpen.`
        : 'Is the host up, the address right as seen from the jump host, and its port open?',
    },
  )
}

/** An error of a jump host is the host's: it could not be reached because of that. */
const blameHop = (target: Target, error: unknown): never => {
  if (!(error instanceof Unreachable)) throw error
  const Kind = error instanceof Rejected ? Rejected : Unreachable
  throw new Kind(target.host, `jump host ${error.message}`, {
    cause: error,
    ...(error.next ? { next: error.next } : {}),
  })
}

const pickTimeout = ({ seconds = 15 }: ConnectOptions): number => seconds * 1000
