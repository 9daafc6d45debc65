import { type Connection, Unreachable } from '../../../lib/transport/connection.ts'
import { renderBootScript } from '../../../lib/transport/root-shell.ts'
import type { Connector } from '../../../lib/transport/session.ts'
import { reconnect } from '../../../lib/transport/ssh/reconnect.ts'
import { openRootShell } from '../../../lib/transport/ssh/sudo.ts'
import type { Random } from '../random.ts'
import type { Agenda } from './agenda.ts'
import { Files } from './files.ts'
import { Kernel } from './kernel.ts'
import { Link } from './link.ts'

/** A host in memory: its files, processes and links, all by one seed. */
export class SimulatedHost {
  readonly name: string
  readonly agenda: Agenda
  readonly random: Random
  readonly files = new Files()
  readonly kernel: Kernel
  readonly links = new Set<Link>()
  /** Milliseconds of the link, one way, at least and at most. */
  delay: readonly [number, number] = [1, 8]
  /** Bytes a second that go to the host. */
  bandwidth = Number.POSITIVE_INFINITY
  /** Virtual time before which nobody answers, or nobody is let in. */
  downUntil = 0
  /** A fault is at it just now. */
  isStriking = false
  becomes: 'no' | 'sudo' = 'no'
  onCutOff: (session: number) => void = () => {}

  constructor(name: string, agenda: Agenda, random: Random) {
    this.name = name
    this.agenda = agenda
    this.random = random
    for (const folder of ['/srv', '/tmp']) this.files.makeFolders(folder)
    this.kernel = new Kernel(agenda, random, this.files)
    this.kernel.onReboot = () => agenda.after(random.whole(100, 3000), () => this.#goDown())
  }

  /** The host goes down: its links end first, and for a moment it may still let somebody in. */
  #goDown(): void {
    const here = this.random.pick([0, 500])
    for (const link of this.links) link.cut({ here, there: 0, delivers: true })
    this.agenda.after(this.random.pick([0, 2500, 6000]), () =>
      this.reboot(this.random.whole(5, 60)),
    )
  }

  readonly latency = (): number => this.random.between(...this.delay)

  /** Ends all processes and links, and answers again after so many seconds. */
  reboot(seconds: number): void {
    this.downUntil = Math.max(this.downUntil, this.agenda.now + seconds * 1000)
    const here = this.random.pick([500, 2000, 45_000])
    for (const link of this.links) link.cut({ here, there: 0, delivers: true })
    this.kernel.boot()
  }

  /** How a session of this run reaches the host. */
  connector(owner: string): Connector {
    const dial = async (signal: AbortSignal): Promise<Connection> =>
      (await this.#dial(owner, signal)).open()
    return {
      host: this.name,
      connect: (again, signal) =>
        again ? reconnect(() => dial(signal), { signal }) : dial(signal),
      rootShell: connection =>
        openRootShell(connection, { become: this.becomes }, renderBootScript()),
    }
  }

  #dial(owner: string, signal: AbortSignal): Promise<Link> {
    return new Promise((resolve, reject) => {
      const stop = (): void => reject(signal.reason)
      signal.addEventListener('abort', stop, { once: true })
      const isDown = this.agenda.now < this.downUntil
      this.agenda.after(
        isDown ? this.random.pick([20, 3000, 10_000]) : 3 * this.latency(),
        () => {
          signal.removeEventListener('abort', stop)
          if (this.agenda.now < this.downUntil)
            return reject(new Unreachable(this.name, 'no answer'))
          const link = new Link(this, owner)
          this.links.add(link)
          resolve(link)
        },
        true,
      )
    })
  }
}
