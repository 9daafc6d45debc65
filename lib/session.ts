import type { Connection, Process } from './connection.ts'
import { slots } from './converge/decide.ts'
import { exchange } from './converge/exchange.ts'
import { killRunning, stopAfterThis } from './converge/script.ts'
import { operation } from './operation.ts'
import { Shell } from './shell.ts'

/** How a session reaches its host: by ssh, or this machine itself. */
export type Reach = {
  readonly host: string
  /** Rejects with Unreachable. `again` is true where an earlier connection was lost. */
  readonly connect: (again: boolean) => Promise<Connection>
  /** Starts the root shell on a connection. Rejects with Unreachable, or with an error that names the host. */
  readonly rootShell: (connection: Connection) => Promise<Process>
  /** Called with the milliseconds that connecting took, each time. */
  readonly connected?: (ms: number) => void
}

/** A host's connection and its one root shell, kept from list to list and opened again when lost. */
export class Session {
  readonly #reach: Reach
  #connection: Promise<Connection> | null = null
  #shell: Shell | null = null
  #failed: unknown = null
  #connects = 0
  constructor(reach: Reach) {
    this.#reach = reach
  }

  get host(): string {
    return this.#reach.host
  }

  /** The open root shell; a new one, on a new connection, where there is none or it is over. A host that could not be reached once is not tried again. */
  async shell(): Promise<Shell> {
    if (this.#failed !== null) throw this.#failed
    if (this.#shell && !this.#shell.over) return this.#shell
    if (this.#shell) await this.#drop()
    const since = performance.now()
    this.#shell = await this.#start().catch((error: unknown) => {
      this.#failed = error
      throw error
    })
    this.#reach.connected?.(Math.round(performance.now() - since))
    return this.#shell
  }

  /** Lets the running change end and starts no other (`stop`); or ends it too, but for package managers (`kill`). Through a second channel. */
  async interrupt(how: 'stop' | 'kill'): Promise<void> {
    const shell = this.#shell
    if (!shell || shell.over || shell.dir === '') return
    const second = await this.#start()
    try {
      const fragment = how === 'stop' ? stopAfterThis(shell.dir) : killRunning(shell.dir)
      const ask = operation('interrupt', { name: () => how, probe: () => fragment, read: out => out.rc, plan: () => null })
      await exchange(second, slots([ask({})]), [], null, { started: () => {}, ended: () => {} })
    } finally {
      await second.end()
    }
  }

  /** Ends the shell in good order (it gives its lease back) and closes the connection. Never rejects; bounded. */
  async end(): Promise<void> {
    if (this.#shell && !this.#shell.over) await this.#shell.end()
    await this.#drop()
  }

  async #start(): Promise<Shell> {
    this.#connection ??= this.#reach.connect(this.#connects++ > 0)
    try {
      return new Shell(await this.#reach.rootShell(await this.#connection))
    } catch (error) {
      await this.#drop()
      throw error
    }
  }

  async #drop(): Promise<void> {
    const connection = this.#connection
    this.#shell = null
    this.#connection = null
    await connection?.then(open => open.close()).catch(() => {}) // it is being given up: how it ends is of no more interest
  }
}
