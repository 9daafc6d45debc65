import { readFileSync, writeFileSync } from 'node:fs'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { makeLabHome, readLab } from './run-playbook.ts'

/** A way to a host of the lab that can be broken. */
export type FlakyLink = {
  /** A lab's home in which the host is reached through it. */
  readonly home: string
  /** How often it was connected through. */
  readonly connections: () => number
  /** Breaks what is connected. New connections are let through. */
  readonly cut: () => void
  /**
   * Breaks what is connected once so many more bytes have gone to the host, or have come from it.
   */
  readonly cutAfter: (bytes: number, from?: 'here' | 'there') => void
  /** Bytes that have gone to the host and come from it. */
  readonly carried: () => { readonly here: number; readonly there: number }
  /** Nothing goes through any more, in either direction, and nobody is told. */
  readonly freeze: () => void
  readonly close: () => Promise<void>
}

/** A link to the host of this name. */
export const openFlakyLink = async (name: string): Promise<FlakyLink> => {
  const { hosts, knownHosts } = readLab()
  const { address, port } = hosts[name]!
  const pairs = new Set<readonly [Socket, Socket]>()
  let count = 0
  const carried = { here: 0, there: 0 }
  const left = { here: Number.POSITIVE_INFINITY, there: Number.POSITIVE_INFINITY }
  let frozen = false
  const cut = () => {
    for (const pair of pairs) for (const socket of pair) socket.destroy()
  }
  const server = createServer(near => {
    count++
    const far = connect(port, address)
    const pair = [near, far] as const
    pairs.add(pair)
    for (const [from, to] of [pair, [far, near] as const]) {
      from.on('error', () => {})
      from.on('close', () => {
        to.destroy()
        pairs.delete(pair)
      })
      from.on('data', data => {
        if (frozen) return
        const side = from === near ? 'here' : 'there'
        carried[side] += data.length
        left[side] -= data.length
        if (left[side] > 0) return void to.write(data)
        left[side] = Number.POSITIVE_INFINITY
        cut()
      })
    }
  })
  const own = await listen(server)
  const keys = readFileSync(knownHosts, 'utf8').split('\n')
  const key = keys.find(line => line.startsWith(`${name},`))?.replace(/^\S+/, `[127.0.0.1]:${own}`)
  const home = makeLabHome(path => ({
    hosts: { ...hosts, [name]: { ...hosts[name]!, address: '127.0.0.1', port: own } },
    knownHosts: join(path, 'known_hosts'),
  }))
  writeFileSync(join(home.path, 'known_hosts'), `${key}\n${keys.join('\n')}`)
  return {
    home: home.path,
    connections: () => count,
    cut,
    cutAfter: (bytes, from = 'here') => {
      left[from] = bytes
    },
    carried: () => carried,
    freeze: () => {
      frozen = true
    },
    close: async () => {
      cut()
      home.remove()
      await new Promise(resolve => server.close(resolve))
    },
  }
}

const listen = (server: Server): Promise<number> =>
  new Promise(resolve =>
    server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port)),
  )
