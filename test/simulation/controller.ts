import type { ConvergeResult } from '../../lib/converge/converge.ts'
import { Deferred } from '../../lib/deferred.ts'
import type { EventBody } from '../../lib/events.ts'
import { createDisruptionQueues } from '../../lib/run/disruption-queues.ts'
import { playBatches } from '../../lib/run/play-batches.ts'
import { listEntries, type PlayEntry } from '../../lib/run/play-entries.ts'
import { LEASE } from '../../lib/transport/protocol/lease.ts'
import { SessionPool } from '../../lib/transport/session-pool.ts'
import type { SimulatedHost } from './host/host.ts'
import { makeOperations, type Spec, type Token } from './operations.ts'

/** Where the files of the operations are on a simulated host. */
export const ROOT = '/srv'

/** The list of each host. */
export type Lists = ReadonlyMap<string, readonly Spec[]>

/** How a play ended. */
export type Played = {
  readonly play: number
  readonly lists: Lists
  readonly hosts: ReadonlyMap<string, ConvergeResult>
}

export type RunSpec = {
  /** Who holds the lease. */
  readonly who: string
  /** Virtual milliseconds after the begin. */
  readonly begins: number
  readonly check: boolean
  readonly forks: number
  readonly serial: number | null
  readonly maxFail: number | null
  /** Its plays are begun at the same time, as a script does that does not await them. */
  readonly together?: boolean
  /** What is played after an interruption, by host. */
  readonly undo?: Lists
  /** The lists of its plays, by host. */
  readonly plays: readonly Lists[]
}

export type Seen = (run: Controller, event: EventBody) => void

/** A run of the real engine against simulated hosts. */
export class Controller {
  readonly spec: RunSpec
  readonly stop = { requested: false }
  /** By play. */
  readonly tokens: readonly Token[]
  readonly played: Played[] = []
  /** What was listed on each host so far, by the numbers of the events. */
  readonly listed = new Map<string, Spec[]>()
  /** It was ended from outside: nobody looks at what it does any more. */
  isDead = false
  /** It undoes what it did, after an interruption. */
  isUndoing = false
  /** When the second Ctrl-C came. */
  killedAt: number | null = null
  /** The number of the play, counted from 0. */
  play = 0
  readonly #hosts: ReadonlyMap<string, SimulatedHost>
  readonly #sessions: SessionPool
  readonly #seen: Seen
  readonly #openQueue = createDisruptionQueues()
  readonly #openUndoQueue = createDisruptionQueues()

  constructor(spec: RunSpec, hosts: ReadonlyMap<string, SimulatedHost>, seen: Seen) {
    this.spec = spec
    this.tokens = spec.plays.map((_, play) => new Deferred(`the token of play ${play}`))
    this.#hosts = hosts
    this.#seen = seen
    this.#sessions = new SessionPool(({ name }) =>
      (hosts.get(name) as SimulatedHost).connector(spec.who),
    )
  }

  /** Plays its lists, and what undoes them after an interruption, and ends its sessions. */
  async run(): Promise<void> {
    const { plays, together = false, undo } = this.spec
    const failed = new Set<string>()
    if (together) await Promise.all(plays.map((lists, play) => this.#play(lists, play, failed)))
    else
      for (const [play, lists] of plays.entries())
        if (!this.stop.requested) await this.#play(lists, play, failed)
    if (undo && this.stop.requested && !this.isDead) {
      this.stop.requested = false
      this.isUndoing = true
      await Promise.all(
        [...undo.keys()].map(name => this.#sessions.get({ name } as never).resume()),
      )
      await this.#play(undo, plays.length, new Set())
    }
    await this.#sessions.end()
  }

  async #play(lists: Lists, play: number, failed: Set<string>): Promise<void> {
    this.play = play
    const { check, forks, serial, maxFail, who } = this.spec
    const names = [...lists.keys()].filter(name => !failed.has(name))
    const { results } = await playBatches(
      names.map(name => ({
        session: this.#sessions.get({ name } as never),
        entries: this.#list(name, lists.get(name) ?? [], play),
        pendingBefore: check && play > 0,
      })),
      {
        play,
        check,
        allowDisruption: true,
        openQueue: this.isUndoing ? this.#openUndoQueue : this.#openQueue,
        forks,
        ...(serial === null ? {} : { serial: [serial] }),
        ...(maxFail === null ? {} : { maxFail }),
        lease: { path: LEASE, who },
        stop: this.stop,
        emit: event => this.#seen(this, event),
      },
    )
    const hosts = new Map(names.map((name, i) => [name, results[i] as ConvergeResult]))
    this.played.push({ play, lists, hosts })
    for (const [name, { result }] of hosts) if (result !== 'ok') failed.add(name)
  }

  #list(name: string, specs: readonly Spec[], play: number): PlayEntry[] {
    const before = this.listed.get(name) ?? []
    this.listed.set(name, [...before, ...specs])
    const ops = makeOperations(ROOT, specs, this.tokens[play])
    return listEntries(name, ops, 'list', () => true, before.length)
  }

  /** What a Ctrl-C does: the first lets the running changes end, the second ends them. */
  interrupt(failed: (text: string) => void): void {
    if (this.isUndoing) return
    const how = this.stop.requested ? 'kill' : 'stop'
    this.stop.requested = true
    if (how === 'kill') this.killedAt ??= performance.now()
    this.#sessions.interrupt(how, (host, why) => failed(`${host}: ${why}`))
  }

  /** Its machine is gone: all its links end, and what it says later is of no account. */
  die(): void {
    this.isDead = true
    for (const host of this.#hosts.values())
      for (const link of host.links)
        if (link.owner === this.spec.who) link.cut({ here: 0, there: 5 })
    this.stop.requested = true
    this.#sessions.interrupt('kill', () => {})
  }
}
