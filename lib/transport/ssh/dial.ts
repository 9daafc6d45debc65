import { connect, type Socket } from 'node:net'
import { Unreachable } from '../connection.ts'
import { Rejected } from './rejected-error.ts'
import { formatEndpoint, type Target } from './target.ts'

/**
 * A TCP connection to the host, with Nagle's delay off: it costs 40 ms an exchange. Rejects with
 * Unreachable after so many milliseconds, or at the signal.
 */
export const dial = (target: Target, ms: number, signal?: AbortSignal): Promise<Socket> =>
  new Promise((resolve, reject) => {
    // Node gives each address of a name 250 ms by default: too short for a far host.
    const socket = connect({
      host: target.address,
      port: target.port,
      noDelay: true,
      autoSelectFamilyAttemptTimeout: 3000,
    })
    const over = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', giveUp)
    }
    const giveUp = () => fail(new Unreachable(target.host, 'given up'))
    const fail = (error: Unreachable) => {
      over()
      socket.destroy()
      reject(error)
    }
    const timer = setTimeout(() => fail(describeSilence(target, ms)), ms)
    if (signal?.aborted) return giveUp()
    signal?.addEventListener('abort', giveUp)
    socket.once('error', (error: NodeJS.ErrnoException) => fail(describeRefusal(target, error)))
    socket.once('connect', () => {
      over()
      resolve(socket)
    })
  })

/** Nothing answered in time. */
const describeSilence = (target: Target, ms: number): Unreachable =>
  new Unreachable(
    target.host,
    `no answer from ${formatEndpoint(target.address, target.port)} in ${Math.round(ms / 1000)} s`,
    {
      next: 'Is the host up, the address right, and the port open in its firewall?',
    },
  )

const describeRefusal = (target: Target, error: NodeJS.ErrnoException): Unreachable => {
  const to = formatEndpoint(target.address, target.port)
  const reached = (message: string, next: string) =>
    new Unreachable(target.host, message, { cause: error, next })
  switch (error.code) {
    case 'ECONNREFUSED':
      return reached(`connection refused by ${to}`, 'Is sshd running there, on this port?')
    case 'ENOTFOUND':
      return new Rejected(target.host, `the name ${target.address} does not exist`, {
        cause: error,
        next: 'Check the address in hosts.yaml.',
      })
    case 'EAI_AGAIN':
      return reached(
        `the name ${target.address} could not be looked up`,
        'Is a name server within reach of this machine?',
      )
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return reached(
        `no route to ${to}`,
        'Is this machine on the right network or VPN, and the host up?',
      )
    case 'ETIMEDOUT':
      return reached(
        `no answer from ${to}`,
        'Is the host up, the address right, and the port open in its firewall?',
      )
    default:
      return reached(
        `cannot connect to ${to}: ${error.code ?? error.message}`,
        'Is the host up, and the address right?',
      )
  }
}
