import { LEASE } from './converge/lease.ts'
import { calmly, Ended, HostsFailed } from './ended.ts'
import type { CommonFlags } from './flags.ts'
import type { Host } from './inventory/inventory.ts'
import type { Ledger } from './ledger.ts'
import { entries, type PlayOptions, play, type Wanted } from './play.ts'
import type { Entry } from './play-host.ts'
import { print } from './report/run.ts'
import type { Manner, Played, RunOptions } from './run-options.ts'
import type { List, Selection } from './selection.ts'
import type { Stage } from './stage.ts'

/** The plays of a run, one after another: each knows of those before it. */
export class Plays {
  readonly #o: RunOptions<CommonFlags>
  readonly #stage: Stage
  readonly #ledger: Ledger
  readonly #selection: Selection
  #count = 0

  constructor(options: RunOptions<CommonFlags>, stage: Stage, ledger: Ledger, selection: Selection) {
    this.#o = options
    this.#stage = stage
    this.#ledger = ledger
    this.#selection = selection
  }

  async play(hosts: readonly Host[], manner: Manner, list: (host: Host) => Wanted, name: string): Promise<Played> {
    const left = this.#ledger.left(hosts)
    const lists = calmly(() => this.#lists(left, list, name))
    if (this.#o.flags['list-tasks']) return listTasks(lists)
    const pendingBefore = this.#o.flags.check === true && this.#ledger.differs
    const { emit } = this.#stage.report(left)
    emit({ type: 'play-started', play: this.#count, name, hosts: left.map(host => host.name) })
    const playing = lists.map(({ host, entries }) => ({
      session: this.#stage.sessions.of(host),
      entries,
      before: this.#ledger.list(host, entries.length),
      pendingBefore,
    }))
    const { results, givenUp } = await play(playing, { ...this.#how(manner), play: this.#count++, emit })
    for (const [i, result] of results.entries()) this.#ledger.note(left[i] as Host, result)
    if (this.#stage.interrupted) throw new Ended('interrupted')
    if (givenUp !== null) throw this.#givenUp(name, givenUp)
    const ok = this.#ledger.left(left)
    const changed = ok.filter(host => results[left.indexOf(host)]?.outcomes.some(({ is }) => is === 'changed'))
    return { ok, failed: left.filter(host => !ok.includes(host)), changed }
  }

  #lists(hosts: readonly Host[], list: (host: Host) => Wanted, name: string): readonly List<Host>[] {
    const { selects } = this.#selection
    return this.#selection.fromStart(hosts.map(host => ({ host, entries: entries(host.name, list(host), name, selects) })))
  }

  /** How the flags, and where they are silent the playbook, want a list to be played. */
  #how(manner: Manner): Omit<PlayOptions, 'play' | 'emit'> {
    const { flags, how, who } = this.#o
    const serial = how.serial ?? (manner.serial === undefined ? undefined : [manner.serial].flat())
    const maxFail = how.maxFail ?? manner.maxFail
    return {
      check: flags.check === true,
      allowDisruption: flags['allow-disruption'] === true,
      forks: how.forks,
      ...(serial === undefined ? {} : { serial }),
      ...(maxFail === undefined ? {} : { maxFail }),
      lease: { path: LEASE, who },
      stop: this.#stage.stop,
    }
  }

  #givenUp(name: string, why: string): Ended {
    const text = `${name} is given up: ${why}`
    this.#stage.report().emit({ type: 'note', text })
    return new HostsFailed(text)
  }
}

const listTasks = (lists: readonly List<Host>[]): Played => {
  for (const { host, entries } of lists) print([host.name, ...entries.filter(({ selected }) => selected).map(listedTask)].join('\n'))
  return { ok: lists.map(({ host }) => host), failed: [], changed: [] }
}

const listedTask = ({ role, op }: Entry): string => `  ${role}: ${op.id}${op.tags.length > 0 ? `  [${op.tags.join(', ')}]` : ''}`
