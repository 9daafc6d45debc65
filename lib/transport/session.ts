import pLimit from 'p-limit'
import { askToStop } from './ask-to-stop.ts'
import { type Connection, type Process, Stopped, Unreachable } from './connection.ts'
import { limitTime } from './limit-time.ts'
import type { Machines } from './machines.ts'
import { Shell } from './root-shell.ts'
import { Turns } from './turns.ts'

/** How a session reaches its host: by ssh, or this machine itself. */
export type Connector = {
  readonly host: string
  /**
   * Rejects with Unreachable. `again` is true where an earlier connection was lost. The signal
   * gives it up.
   */
  readonly connect: (again: boolean, signal: AbortSignal) => Promise<Connection>
  /**
   * Starts the root shell on a connection. Rejects with Unreachable, or with an error that names
   * the host.
   */
  readonly rootShell: (connection: Connection) => Promise<Process>
  /** Called with the milliseconds that connecting took, each time. */
  readonly onConnect?: (ms: number) => void
}

/**
 * Milliseconds that a second channel may take to do what an interruption asks of it; ending
 * processes takes up to four seconds.
 */
const SECOND_CHANNEL = 10_000

/**
 * Commands that run at the same time on a host. With the root shell and the second channel of two
 * interruptions they are the ten sessions that sshd allows on a connection (MaxSessions).
 */
const COMMANDS = 7

/** A host's connection and its one root shell, kept from list to list, opened again when lost. */
export class Session {
  /** Whoever uses its shell takes turns: a play for a whole list, a transfer for each part. */
  readonly turns = new Turns()
  readonly #connector: Connector
  #connection: Promise<Connection> | null = null
  #shell: Shell | null = null
  #opening: Promise<Shell> | null = null
  /** Shells of single commands. */
  readonly #beside = new Set<Shell>()
  readonly #limit = pLimit(COMMANDS)
  #failed: unknown = null
  #connects = 0
  #ended = false
  /** What an interruption asks of the host just now. */
  #interrupting: Promise<void> = Promise.resolve()
  /** Set by an interruption: nothing new is begun from then on, and no connection is sought. */
  #stop = new AbortController()
  readonly #machines: Machines | undefined
  /** `machines`: those of the run, which find one machine under two names. Default: none. */
  constructor(connector: Connector, machines?: Machines) {
    this.#connector = connector
    this.#machines = machines
  }

  get host(): string {
    return this.#connector.host
  }

  /** True after an interruption, until `resume`. */
  get isInterrupted(): boolean {
    return this.#stop.signal.aborted
  }

  /** A session with the same host that logs in by itself, beside this one. */
  anew(): Session {
    return new Session({ ...this.#connector, onConnect: () => {} })
  }

  /**
   * Returns the open root shell, or a new one on a new connection if it is over. A host that could
   * not be reached once is not tried again; a host that reboots is sought for so many seconds.
   * Rejects with Stopped after an interruption.
   */
  async shell(rebootSeconds = 0): Promise<Shell> {
    if (this.#failed !== null) throw this.#failed
    if (this.#shell && !this.#shell.over) return this.#shell
    this.#opening ??= this.#open(rebootSeconds).finally(() => {
      this.#opening = null
    })
    return this.#opening
  }

  async #open(rebootSeconds: number): Promise<Shell> {
    // Commands that still run beside it prove that the link was not lost with the shell.
    if (this.#shell && !this.#hasLiveCommands()) await this.#drop()
    const since = performance.now()
    this.#shell = await this.#seek(rebootSeconds).catch((error: unknown) => {
      this.#failed = this.isInterrupted ? new Stopped(this.host) : error
      throw this.#failed
    })
    this.#connector.onConnect?.(Math.round(performance.now() - since))
    return this.#shell
  }

  /**
   * Lets the running change end and starts no other (`stop`); or ends it too, except package
   * managers (`kill`). This goes through a second channel; a host that refuses one is dropped at
   * the `kill`. Connecting ends immediately. A command that is on its way to the host is heard of
   * first: it must not begin unseen.
   */
  async interrupt(how: 'stop' | 'kill'): Promise<void> {
    this.#stop.abort()
    const shells = [...(this.#shell ? [this.#shell] : []), ...this.#beside].filter(isLive)
    if (!shells.some(shell => shell.dir !== '' || this.#beside.has(shell))) return this.#drop()
    this.#interrupting = limitTime(SECOND_CHANNEL, this.#askToStop(shells, how))
    await this.#interrupting.catch((error: unknown) => {
      if (this.#ended || shells.every(({ over }) => over)) return
      if (how === 'kill') for (const shell of shells) shell.drop()
      throw error
    })
  }

  /**
   * Begins again after an interruption, or after the host could not be reached: once what was asked
   * of the host has been done, its shell can be used, and it is connected to if need be.
   */
  async resume(): Promise<void> {
    await this.#interrupting.catch(() => {}) // reported by interrupt
    this.#failed = null
    if (this.isInterrupted) this.#stop = new AbortController()
  }

  /**
   * Ends the shell in good order (it gives its lease back) and closes the connection. Never
   * rejects; bounded.
   */
  async end(): Promise<void> {
    this.#ended = true
    await this.#interrupting.catch(() => {}) // reported by interrupt
    if (this.#shell && !this.#shell.over) await this.#shell.end()
    await this.#drop()
  }

  /**
   * Runs the work in a separate root shell on the same connection, and ends that shell afterwards.
   * Seven run at the same time; others wait, until an interruption. Rejects as `shell` does.
   */
  beside<T>(work: (shell: Shell) => Promise<T>): Promise<T> {
    const { signal } = this.#stop
    return new Promise((resolve, reject) => {
      const giveUp = () => reject(new Stopped(this.host))
      signal.addEventListener('abort', giveUp, { once: true })
      void this.#limit(async () => {
        signal.removeEventListener('abort', giveUp)
        if (signal.aborted) throw new Stopped(this.host)
        return this.#runBeside(work)
      }).then(resolve, reject)
    })
  }

  async #runBeside<T>(work: (shell: Shell) => Promise<T>): Promise<T> {
    if (this.#failed !== null) throw this.#failed
    const known = this.#connection !== null
    const since = performance.now()
    const shell = await this.#start().catch(async (error: unknown) => {
      const live = (this.#shell && !this.#shell.over) || this.#hasLiveCommands()
      if (!known || !(error instanceof Unreachable) || live) throw error
      await this.#drop() // the link of an earlier command was lost
      return this.#start()
    })
    if (!known) this.#connector.onConnect?.(Math.round(performance.now() - since))
    this.#beside.add(shell)
    try {
      return await work(shell)
    } finally {
      this.#beside.delete(shell)
      await shell.end()
    }
  }

  #hasLiveCommands(): boolean {
    return [...this.#beside].some(isLive)
  }

  async #askToStop(shells: readonly Shell[], how: 'stop' | 'kill'): Promise<void> {
    const connection = await this.#connection
    if (!connection) return
    const second = new Shell(await this.#connector.rootShell(connection))
    try {
      await askToStop(second, shells, how)
    } finally {
      await second.end()
    }
  }

  /**
   * Whatever goes wrong while a host goes down or comes up, a refused login too, is tried again
   * until the time is over.
   */
  async #seek(seconds: number): Promise<Shell> {
    for (
      const until = performance.now() + seconds * 1000;
      ;
      await new Promise(resolve => setTimeout(resolve, 500))
    )
      try {
        return await this.#start()
      } catch (error) {
        // An open link that takes no shell: another one may.
        const again = this.#connection !== null && error instanceof Unreachable
        if (again) await this.#drop()
        if (this.isInterrupted || (!again && performance.now() > until)) throw error
      }
  }

  async #start(): Promise<Shell> {
    const { signal } = this.#stop
    if (signal.aborted) throw new Stopped(this.host)
    const mine = this.#connection === null
    this.#connection ??= this.#connector.connect(this.#connects++ > 0, this.#stop.signal)
    try {
      const process = await this.#connector.rootShell(await this.#connection)
      if (signal.aborted) {
        process.close()
        throw new Stopped(this.host)
      }
      return new Shell(process, shell => this.#machines?.register(this.host, shell))
    } catch (error) {
      if (mine) await this.#drop()
      throw error
    }
  }

  async #drop(): Promise<void> {
    const connection = this.#connection
    this.#shell = null
    this.#connection = null
    // it is being given up: how it ends is of no more interest
    await connection?.then(open => open.close()).catch(() => {})
  }
}

const isLive = ({ over }: Shell): boolean => !over
