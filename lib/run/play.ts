import type { CommonFlags } from '../cli/flags.ts'
import type { ConvergeResult } from '../converge/converge.ts'
import type { Approve } from '../converge/options.ts'
import { withHost } from '../errors/option-error.ts'
import { HostsFailed, runWithScriptErrors, ScriptError } from '../errors/script-error.ts'
import type { Host } from '../inventory/inventory.ts'
import { print } from '../report/run-report.ts'
import { LEASE } from '../transport/protocol/lease.ts'
import { listEntries, type PlayOptions, play, type Wanted } from './batches.ts'
import type { Stage } from './context.ts'
import type { Ledger } from './host-results.ts'
import type { Manner, Played, RunOptions } from './options.ts'
import type { Entry } from './play-host.ts'
import type { List, Selection } from './selection.ts'
import { stepping } from './step-mode.ts'

/** The plays of a run, one after another: each knows of those before it. */
export class Plays {
  readonly #o: RunOptions<CommonFlags>
  readonly #stage: Stage
  readonly #ledger: Ledger
  readonly #selection: Selection
  readonly #ask: ((host: string) => Approve) | null
  #count = 0

  constructor(
    options: RunOptions<CommonFlags>,
    stage: Stage,
    ledger: Ledger,
    selection: Selection,
  ) {
    this.#o = options
    this.#stage = stage
    this.#ledger = ledger
    this.#selection = selection
    this.#ask = options.flags.step ? stepping(stage, options.flags.yes === true) : null
  }

  async play(
    hosts: readonly Host[],
    manner: Manner,
    list: (host: Host) => Wanted,
    name: string,
  ): Promise<Played> {
    const left = this.#ledger.left(hosts)
    const { planning } = this.#o
    const lists = runWithScriptErrors(() => this.#lists(left, list, name))
    if (this.#o.flags['list-tasks']) return listTasks(lists)
    if (planning)
      runWithScriptErrors(() =>
        planning.begin({
          name,
          hosts: new Map(lists.map(({ host, entries }) => [host.name, chosen(entries)])),
        }),
      )
    const pendingBefore = this.#o.flags.check === true && this.#ledger.differs
    const { emit } = this.#stage.report(left)
    emit({ type: 'play-started', play: this.#count, name, hosts: left.map(host => host.name) })
    const playing = lists.map(({ host, entries }) => ({
      session: this.#stage.sessions.of(host),
      entries,
      pendingBefore,
      bar: planning?.bar(host.name) ?? null,
      converging: {
        ...planning?.converging(host.name),
        ...(this.#ask ? { approve: this.#ask(host.name) } : {}),
      },
    }))
    const { results, givenUp } = await play(playing, {
      ...this.#how(manner),
      play: this.#count++,
      emit,
    })
    for (const [i, result] of results.entries()) this.#ended(left[i] as Host, result)
    if (this.#stage.interrupted) throw new ScriptError('interrupted')
    if (givenUp !== null) throw this.#givenUp(name, givenUp)
    const ok = left.filter((_, i) => results[i]?.result === 'ok')
    const changed = ok.filter(host =>
      results[left.indexOf(host)]?.outcomes.some(({ is }) => is === 'changed'),
    )
    return { ok, failed: left.filter(host => !ok.includes(host)), changed }
  }

  #ended(host: Host, result: ConvergeResult): void {
    this.#ledger.note(host, result)
    if (this.#o.planning?.ended(host.name, result)) this.#ledger.halt(host)
  }

  #lists(
    hosts: readonly Host[],
    list: (host: Host) => Wanted,
    name: string,
  ): readonly List<Host>[] {
    const { selects } = this.#selection
    return this.#selection.fromStart(
      hosts.map(host => {
        const first = this.#ledger.countListed(host)
        const entries = listEntries(
          host.name,
          withHost(host.name, () => list(host)),
          name,
          selects,
          first,
        )
        this.#ledger.addListed(host, entries.length)
        return { host, entries }
      }),
    )
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

  #givenUp(name: string, why: string): ScriptError {
    const text = `${name} is given up: ${why}`
    this.#stage.report().emit({ type: 'note', text })
    return new HostsFailed(text)
  }
}

const chosen = (entries: readonly Entry[]): string[] =>
  entries.flatMap(({ op, selected }) => (selected ? [op.id] : []))

const listTasks = (lists: readonly List<Host>[]): Played => {
  for (const { host, entries } of lists)
    print([host.name, ...entries.filter(({ selected }) => selected).map(listedTask)].join('\n'))
  return { ok: lists.map(({ host }) => host), failed: [], changed: [] }
}

const listedTask = ({ role, op }: Entry): string =>
  `  ${role}: ${op.id}${op.tags.length > 0 ? `  [${op.tags.join(', ')}]` : ''}`
