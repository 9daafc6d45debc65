/** A way to a server that takes time, as one over the sea does. */
import { connect, createServer, type Socket } from 'node:net'

/** One address: for the tool it is a host. */
export type Server = { readonly name: string; readonly address: string; readonly port: number }

/**
 * The server once more, so many milliseconds away: half of the round trip in each direction. It
 * adds nothing to the TCP handshake.
 */
export type Far = { readonly server: Server; readonly close: () => void }

export const delayServer = (near: Server, roundTrip: number): Promise<Far> =>
  new Promise((resolve, reject) => {
    const listening = createServer({ noDelay: true, allowHalfOpen: true }, socket => {
      const onward = connect({
        host: near.address,
        port: near.port,
        noDelay: true,
        allowHalfOpen: true,
      })
      delayBytes(socket, onward, roundTrip / 2)
      delayBytes(onward, socket, roundTrip / 2)
    })
    listening.once('error', reject)
    listening.listen(0, near.address, () => {
      const bound = listening.address()
      const port = typeof bound === 'object' && bound ? bound.port : 0
      resolve({
        server: { name: 'far', address: near.address, port },
        close: () => void listening.close(),
      })
    })
  })

/** Timers of one length go off in the order in which they were set: the bytes keep theirs. */
const delayBytes = (from: Socket, to: Socket, ms: number): void => {
  from.on('data', chunk => setTimeout(() => to.write(chunk), ms))
  from.on('error', () => to.destroy())
  from.on('end', () => setTimeout(() => to.end(), ms))
}
