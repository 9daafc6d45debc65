import type { Connection, Process } from './connection.ts'
import { slots } from './converge/decide.ts'
import { exchange } from './converge/exchange.ts'
import { killRunning, stopAfterThis } from './converge/script.ts'
import { operation } from './operation.ts'
import type { Sh } from './sh.ts'
import { Shell } from './shell.ts'

/** How a session reaches its host: by ssh, or this machine itself. */
export type Reach = {
  readonly host: string
  /** Rejects with Unreachable. */
  readonly connect: () => Promise<Connection>
  /** Starts the root shell (`boot`) on a connection. Rejects with Unreachable, or with an error that names the host. */
  readonly rootShell: (connection: Connection) => Promise<Process>
  /** Called with the milliseconds that connecting took, each time. */
  readonly connected?: (ms: number) => void
}

/** A host's connection and its one root shell, kept from list to list and opened again when lost. */
export class Session {
  readonly #reach: Reach
  #connection: Promise<Connection> | null = null
  #shell: { readonly is: Shell; dead: boolean } | null = null
  constructor(reach: Reach) {
    this.#reach = reach
  }

  get host(): string {
    return this.#reach.host
  }

  /** The open root shell; a new one, on a new connection, where there is none or it has ended. */
  async shell(): Promise<Shell> {
    if (this.#shell && !this.#shell.dead) return this.#shell.is
    if (this.#shell) await this.#drop()
    const since = performance.now()
    const held = await this.#start()
    this.#shell = held
    this.#reach.connected?.(Math.round(performance.now() - since))
    return held.is
  }

  /** Lets the running change end and starts no other; or ends it too, but for package managers. Through a second channel. */
  async interrupt(how: 'stop' | 'kill'): Promise<void> {
    const shell = this.#shell
    if (!shell || shell.dead || shell.is.dir === '') return
    const second = (await this.#start()).is
    try {
      const fragment: Sh = how === 'stop' ? stopAfterThis(shell.is.dir) : killRunning(shell.is.dir)
      const ask = operation('interrupt', { name: () => how, probe: () => fragment, read: out => out.rc, plan: () => null })
      await exchange(second, slots([ask({})]), [], null, { started: () => {}, ended: () => {} })
    } finally {
      await second.end()
    }
  }

  /** Ends the shell in good order (it gives its lease back) and closes the connection. Never rejects; bounded. */
  async end(): Promise<void> {
    if (this.#shell && !this.#shell.dead) await this.#shell.is.end()
    await this.#drop()
  }

  async #start(): Promise<{ readonly is: Shell; dead: boolean }> {
    this.#connection ??= this.#reach.connect()
    const process = await this.#connection.then(this.#reach.rootShell).catch(async (error: unknown) => {
      await this.#drop()
      throw error
    })
    const held = { is: new Shell(process), dead: false }
    void process.exit.then(() => {
      held.dead = true
    })
    return held
  }

  async #drop(): Promise<void> {
    const connection = this.#connection
    this.#shell = null
    this.#connection = null
    await connection?.then(open => open.close()).catch(() => {}) // it is being given up: how it ends is of no more interest
  }
}
