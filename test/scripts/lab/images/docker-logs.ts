/**
 * What the stand-in for Alloy has on both its sides: containers whose logs it reads, and a Loki
 * that may be away.
 */
import { once } from 'node:events'
import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

type Line = { readonly stream: 'stdout' | 'stderr'; readonly at: bigint; readonly text: string }

/** A container of the fake Docker. */
export type Container = {
  readonly id: string
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  state: 'running' | 'exited'
}

/** Docker's API on a socket, with containers whose logs a test writes. */
export class FakeDocker {
  readonly #containers = new Map<
    string,
    Container & { lines: Line[]; readers: Set<ServerResponse> }
  >()
  #server: Server | undefined
  #clock = BigInt(Date.now()) * 1_000_000n

  /** It answers on this socket. */
  async listen(path: string): Promise<void> {
    this.#server = createServer((request, response) => {
      const { pathname, searchParams } = new URL(request.url ?? '', 'http://docker')
      const [, , id = '', what] = pathname.split('/')
      if (id === 'json')
        return void response.end(JSON.stringify([...this.#containers.values()].map(listed)))
      const container = this.#containers.get(id)
      if (!container) return void response.writeHead(404).end('no such container')
      if (what === 'json') return void response.end(JSON.stringify({ Config: { Tty: false } }))
      const [seconds = '0', rest = '0'] = (searchParams.get('since') ?? '0').split('.')
      const since = BigInt(seconds) * 1_000_000_000n + BigInt(rest)
      response.writeHead(200)
      response.flushHeaders()
      for (const line of container.lines) if (line.at >= since) response.write(frames(line))
      if (container.state === 'exited') return void response.end()
      container.readers.add(response)
    }).listen(path)
    await once(this.#server, 'listening')
  }

  /** A container is there, and runs. */
  run(id: string, labels: Readonly<Record<string, string>>): void {
    this.#containers.set(id, {
      id,
      name: id,
      labels,
      state: 'running',
      lines: [],
      readers: new Set(),
    })
  }

  /** The container says a line; several calls without `later` have one time. */
  say(
    id: string,
    text: string,
    { stream = 'stdout', later = 1n }: { stream?: Line['stream']; later?: bigint } = {},
  ): void {
    const container = this.#containers.get(id)!
    this.#clock += later
    const line: Line = { stream, at: this.#clock, text }
    container.lines.push(line)
    for (const reader of container.readers) reader.write(frames(line))
  }

  /** The last lines are sent once more, as Docker does when it rotates the file. */
  repeat(id: string, count: number): void {
    const { lines, readers } = this.#containers.get(id)!
    for (const line of lines.slice(-count)) for (const reader of readers) reader.write(frames(line))
  }

  /** All who follow logs are cut off, as when Docker restarts. */
  cut(): void {
    for (const { readers } of this.#containers.values()) {
      for (const reader of readers) reader.destroy()
      readers.clear()
    }
  }

  /** The container ends. */
  end(id: string): void {
    const container = this.#containers.get(id)!
    container.state = 'exited'
    for (const reader of container.readers) reader.end()
    container.readers.clear()
  }

  /** The container runs again. */
  restart(id: string): void {
    this.#containers.get(id)!.state = 'running'
  }

  remove(id: string): void {
    this.#containers.delete(id)
  }

  close(): void {
    this.cut()
    this.#server?.close()
  }
}

const listed = ({ id, name, labels, state }: Container) => ({
  Id: id,
  Names: [`/${name}`],
  Labels: labels,
  State: state,
  HostConfig: {},
})

/** A line as Docker sends it: each 16 KiB in a frame of its own, with the line's time in front. */
const frames = ({ stream, at, text }: Line): Buffer => {
  const seconds = new Date(Number(at / 1_000_000n)).toISOString().slice(0, 19)
  const stamp = `${seconds}.${String(at % 1_000_000_000n).padStart(9, '0')}Z `
  const parts = `${text}\n`.match(/.{1,16384}/gs) ?? []
  return Buffer.concat(
    parts.map(part => {
      const body = Buffer.from(stamp + part)
      const head = Buffer.alloc(8)
      head[0] = stream === 'stderr' ? 2 : 1
      head.writeUInt32BE(body.length, 4)
      return Buffer.concat([head, body])
    }),
  )
}

/** What arrived at Loki. */
export type Arrived = {
  readonly labels: Readonly<Record<string, string>>
  readonly at: string
  readonly text: string
}

/** Loki's push API; it may be away, and come back on the same port. */
export class FakeLoki {
  readonly arrived: Arrived[] = []
  readonly authorizations = new Set<string | undefined>()
  /** What it answers instead of taking lines. */
  refuses: number | undefined
  #server: Server | undefined
  #port = 0

  get url(): string {
    return `http://127.0.0.1:${this.#port}/loki/api/v1/push`
  }

  async listen(): Promise<void> {
    this.#server = createServer(async (request, response) => {
      let body = ''
      for await (const chunk of request) body += chunk
      this.authorizations.add(request.headers.authorization)
      if (this.refuses !== undefined) return void response.writeHead(this.refuses).end('not now')
      type Stream = { stream: Record<string, string>; values: [string, string][] }
      for (const { stream, values } of (JSON.parse(body) as { streams: Stream[] }).streams)
        for (const [at, text] of values) this.arrived.push({ labels: stream, at, text })
      response.writeHead(204).end()
    }).listen(this.#port, '127.0.0.1')
    await once(this.#server, 'listening')
    this.#port = (this.#server.address() as AddressInfo).port
  }

  /** Nothing listens there any more. */
  async leave(): Promise<void> {
    this.#server?.closeAllConnections()
    await new Promise(resolve => (this.#server ? this.#server.close(resolve) : resolve(undefined)))
  }

  /** The texts that arrived, in their order. */
  texts(): string[] {
    return this.arrived.map(({ text }) => text)
  }
}
