import pLimit from 'p-limit'
import type { ReachableHost } from './host.ts'
import { Machines } from './machines.ts'
import { type Connector, Session } from './session.ts'

/** The sessions of one run: one a host, begun when it is first asked for. */
export class SessionPool {
  readonly #all = new Map<string, Session>()
  readonly #machines = new Machines()
  readonly #connect: (host: ReachableHost) => Connector
  constructor(connect: (host: ReachableHost) => Connector) {
    this.#connect = connect
  }

  get(host: ReachableHost): Session {
    const session = this.#all.get(host.name) ?? new Session(this.#connect(host), this.#machines)
    this.#all.set(host.name, session)
    return session
  }

  /**
   * Tells every host to stop, or to end what runs. `failed` hears of those that could not be told.
   */
  interrupt(how: 'stop' | 'kill', failed: (host: string, why: string) => void): void {
    const limit = pLimit(20)
    for (const session of this.#all.values())
      void limit(() => session.interrupt(how)).catch(error =>
        failed(session.host, error instanceof Error ? error.message : String(error)),
      )
  }

  /** Makes them usable again after an interruption, or after their hosts could not be reached. */
  async resume(): Promise<void> {
    await Promise.all([...this.#all.values()].map(session => session.resume()))
  }

  /** Ends them all in good order. Never rejects; bounded. */
  async end(): Promise<void> {
    await Promise.all([...this.#all.values()].map(session => session.end()))
  }
}
