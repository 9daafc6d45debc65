import { Readable, Writable } from 'node:stream'
import type { Connection, Exit, Process as Remote } from '../../../lib/transport/connection.ts'
import { Unreachable } from '../../../lib/transport/connection.ts'
import { runShell } from '../shell/interpret.ts'
import type { Agenda } from './agenda.ts'
import type { Kernel, Process } from './kernel.ts'
import { openNull, openReader, openWriter, release, Waiting } from './pipes.ts'

/** How a link ends: who hears of it, and after how many milliseconds. */
export type Cut = {
  readonly here: number
  readonly there: number
  /** What the host has sent still arrives. */
  readonly delivers?: boolean
  /**
   * Milliseconds for which what is printed there still finds a reader, as with a sudo that passes
   * it on. Default 0.
   */
  readonly lingers?: number
}

/** What a link needs of its host. */
export type LinkHost = {
  readonly name: string
  readonly agenda: Agenda
  readonly kernel: Kernel
  readonly links: Set<Link>
  /** A session hears the end of its link, and its round has not come whole. */
  readonly onCutOff: (session: number) => void
  /** Milliseconds, one way. */
  readonly latency: () => number
  /** Bytes a second. */
  readonly bandwidth: number
}

/** One connection to a simulated host. */
export class Link {
  readonly host: LinkHost
  /** The run that opened it. */
  readonly owner: string
  readonly #channels = new Set<Channel>()
  /** Nothing passes any more; what was sent before may still arrive here. */
  #isCut = false
  delivers = false
  /** The side of the engine knows that it is over. */
  #isOver = false

  constructor(host: LinkHost, owner: string) {
    this.host = host
    this.owner = owner
  }

  get passes(): boolean {
    return !this.#isCut
  }

  open(): Connection {
    return {
      host: this.host.name,
      start: async command => {
        if (this.#isOver) throw new Unreachable(this.host.name, 'the connection is closed')
        return this.#start(command)
      },
      close: async () => this.cut({ here: 0, there: this.host.latency() }),
    }
  }

  /** Ends the link: what is on its way is lost. */
  cut({ here, there, delivers = false, lingers = 0 }: Cut): void {
    if (this.#isOver) return
    this.#isCut = true
    this.delivers = delivers
    const { agenda } = this.host
    agenda.after(here, () => this.#end(), true)
    agenda.after(there, () => {
      for (const channel of this.#channels) channel.endThere(lingers)
    })
  }

  /** The engine's side hears of the end. */
  #end(): void {
    this.#isOver = true
    this.host.links.delete(this)
    for (const channel of this.#channels) channel.endHere({ code: null, signal: null })
  }

  #start(command: string): Promise<Remote> {
    return new Promise((resolve, reject) => {
      const { agenda, name } = this.host
      let answered = false
      const fail = (): void => {
        if (!answered) reject(new Unreachable(name, 'no channel within 15 s'))
        answered = true
      }
      agenda.after(15_000, fail, true)
      agenda.after(
        this.host.latency(),
        () => {
          if (this.#isCut || this.#isOver || answered) return
          const channel = new Channel(this, command)
          this.#channels.add(channel)
          answered = true
          resolve(channel.remote)
        },
        true,
      )
    })
  }
}

/** Bytes that arrive as one. */
const PACKET = 4096

/** A process on the host and its pipes, as the engine holds them. */
class Channel {
  readonly remote: Remote
  readonly #link: Link
  readonly #server: Process
  readonly #stdout: Readable
  readonly #stderr: Readable
  readonly #closeThere: () => void
  readonly #closeIn: () => void
  #settle: (exit: Exit) => void = () => {}
  #lastThere = 0
  #lastHere = 0

  constructor(link: Link, command: string) {
    this.#link = link
    const { kernel } = link.host
    const stdin = kernel.createPipe()
    const writer = openWriter(stdin)
    const [stdout, stderr] = [kernel.createPipe(), kernel.createPipe()]
    const readers = [openReader(stdout), openReader(stderr)]
    this.#stdout = new Readable({ read: () => {} })
    this.#stderr = new Readable({ read: () => {} })
    stdout.sink = bytes => this.#here(() => this.#stdout.push(bytes))
    stderr.sink = bytes => this.#here(() => this.#stderr.push(bytes))
    let closedIn = false
    /** Bytes that were written and that have come, and where the last round ends. */
    let [written, come, roundEnd] = [0, 0, 0]
    const closeIn = (): void => {
      if (closedIn) return
      closedIn = true
      if (come < roundEnd) link.host.onCutOff(shellSession)
      release(writer)
    }
    this.#closeIn = closeIn
    this.#closeThere = () => {
      closeIn()
      for (const reader of readers.splice(0)) release(reader)
      kernel.end(this.#server, { code: 255, signal: null })
    }
    // As with sshd, the exit of the shell is told at once, and the end of its output when nobody
    // can write to it any more.
    const drained = new Waiting()
    let shellSession = 0
    for (const [pipe, stream] of [
      [stdout, this.#stdout],
      [stderr, this.#stderr],
    ] as const)
      pipe.onEnd = () => {
        this.#here(() => stream.push(null))
        drained.wake()
      }
    this.#server = kernel.start(null, 'sshd', [], function* (process) {
      process.session = process.pid
      process.owner = link.owner
      const child = startCommand(process, command)
      shellSession = child.session
      child.set(0, openReader(stdin))
      child.set(1, openWriter(stdout))
      child.set(2, openWriter(stderr))
      while (child.state !== 'ended') yield process.childEnded
      kernel.reap(child)
      const { code, signal } = child.status
      tell(signal ? { code: null, signal: `SIG${signal}` } : { code, signal: null })
      closeIn()
      while (stdout.writers + stderr.writers > 0) yield drained
      for (const reader of readers.splice(0)) release(reader)
      return code
    })
    const tell = (status: Exit): void => this.#here(() => this.#settle(status))
    const exit = new Promise<Exit>(resolve => {
      this.#settle = resolve
    })
    this.remote = {
      stdin: new Writable({
        write: (chunk: Buffer, _, done) => {
          const bytes = Buffer.from(chunk)
          written += bytes.length
          const [, script] = /^round (\d+)\n$/.exec(bytes.subarray(0, 40).toString()) ?? []
          if (script !== undefined) roundEnd = written + Number(script)
          for (let at = 0; at < bytes.length; at += PACKET) {
            const packet = bytes.subarray(at, at + PACKET)
            this.#there(() => {
              if (closedIn) return
              come += packet.length
              stdin.add(packet)
            }, packet.length)
          }
          this.#here(() => done())
        },
        final: done => {
          this.#there(closeIn)
          done()
        },
      }),
      stdout: this.#stdout,
      stderr: this.#stderr,
      exit,
      close: () => {
        // a link that is silent says nothing of it either
        this.#there(() => {
          this.#closeThere()
          this.#here(() => this.endHere({ code: null, signal: null }))
        })
      },
    }
    this.remote.stdin.on('error', () => {})
  }

  /** The host closes what the engine can no longer hold open. */
  endThere(lingers: number): void {
    this.#closeIn()
    if (lingers === 0) this.#closeThere()
    else this.#link.host.agenda.after(lingers, this.#closeThere)
  }

  endHere(exit: Exit): void {
    this.#settle(exit)
    if (!this.#stdout.readableEnded) this.#stdout.push(null)
    if (!this.#stderr.readableEnded) this.#stderr.push(null)
  }

  /** Something on its way to the host; all of it arrives in its order, or not at all. */
  #there(work: () => void, bytes = 0): void {
    const { agenda, latency, bandwidth } = this.#link.host
    this.#lastThere = Math.max(this.#lastThere, agenda.now + latency()) + (bytes / bandwidth) * 1000
    agenda.after(this.#lastThere - agenda.now, () => this.#link.passes && work())
  }

  #here(work: () => void): void {
    const { agenda, latency } = this.#link.host
    this.#lastHere = Math.max(this.#lastHere, agenda.now + latency())
    const { passes } = this.#link
    agenda.after(
      this.#lastHere - agenda.now,
      () => (this.#link.passes || (passes && this.#link.delivers)) && work(),
      true,
    )
  }
}

const ROOT = /^(env LC_ALL=C sudo -n )?sh -c '([^']*)'$/

/** Starts what the engine asks sshd to run: a shell, which a sudo may have started. */
const startCommand = (server: Process, command: string): Process => {
  const found = ROOT.exec(command)
  if (!found) throw new Error(`sshd is asked for what it does not know: ${command}`)
  const [, sudo, script = ''] = found
  for (const fd of [0, 1, 2]) server.set(fd, openNull())
  const shell = runShell(script)
  const { kernel } = server
  if (!sudo) {
    const child = kernel.start(server, 'sh', [], shell)
    child.session = child.pid
    child.isShell = true
    return child
  }
  const child = kernel.start(server, 'sudo', [], function* (process) {
    const inner = kernel.start(process, 'sh', [], shell)
    inner.isShell = true
    for (const fd of [0, 1, 2]) process.set(fd, openNull())
    while (inner.state !== 'ended') yield process.childEnded
    return inner.status.code
  })
  child.session = child.pid
  return child
}
