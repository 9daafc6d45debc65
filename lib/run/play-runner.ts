import type { ConvergeResult } from '../converge/converge.ts'
import type { Approve } from '../converge/options.ts'
import {
  HostsFailed,
  runWithScriptErrors,
  ScriptError,
  toScriptError,
} from '../errors/script-error.ts'
import type { Host } from '../inventory/inventory.ts'
import { collectProblems } from '../operation/options.ts'
import { print } from '../report/print.ts'
import { LEASE } from '../transport/protocol/lease.ts'
import type { RunContext } from './context.ts'
import { createDisruptionQueues } from './disruption-queues.ts'
import { checkFollowed } from './followed.ts'
import { makeForHosts } from './make-lists.ts'
import type { OperationList } from './operation-list.ts'
import type { PlayedHosts, PlayOptions } from './options.ts'
import type { PlanRecorder } from './plan/recorder.ts'
import { type BatchOptions, playBatches } from './play-batches.ts'
import { listEntries, type PlayEntry } from './play-entries.ts'
import type { PlayHost } from './play-host.ts'
import type { HostEntries } from './selection.ts'
import { askBeforeChanges } from './step-mode.ts'

/** Runs the plays of a run; each knows the results of those before it. */
export class PlayRunner {
  readonly #context: RunContext
  readonly #approve: ((host: string) => Approve) | null
  readonly #openQueue = createDisruptionQueues()
  /** What is undone is not held up by a host that did not recover before. */
  readonly #openUndoQueue = createDisruptionQueues()
  #count = 0

  constructor(context: RunContext) {
    this.#context = context
    const { step, yes } = context.options.flags
    this.#approve = step ? askBeforeChanges(context, yes === true) : null
  }

  /** The plan that is written or kept to. What is undone belongs to no plan. */
  get #plan(): PlanRecorder | null {
    const { options, undos } = this.#context
    return undos.current ? null : (options.plan ?? null)
  }

  async play(
    hosts: readonly Host[],
    playOptions: PlayOptions,
    list: (host: Host) => OperationList,
    name: string,
  ): Promise<PlayedHosts> {
    const { results, mode, options, undos } = this.#context
    const all = [...new Set(hosts)]
    const playable = undos.current ? all : results.filterPlayable(all)
    const lists = runWithScriptErrors(() => this.#list(playable, list, name))
    if (options.playsOnce && !options.plan) this.#refuseUnmet(lists)
    if (mode === 'list') return printLists(lists)
    runWithScriptErrors(() => this.#plan?.begin({ name, hosts: listSelected(lists) }))
    const pendingBefore = mode === 'check' && results.differs
    const { emit } = this.#context.openReport(playable)
    const names = playable.map(host => host.name)
    const play = this.#count++
    emit({ type: 'play-started', play, name, hosts: names })
    const played = await playBatches(
      lists.map(one => this.#preparePlay(one, pendingBefore)),
      { ...this.#chooseOptions(playOptions), play, emit },
    )
    for (const [i, result] of played.results.entries()) this.#addResult(playable[i] as Host, result)
    if (this.#context.interrupted) throw new ScriptError('interrupted')
    if (played.givenUp !== null) throw this.#giveUp(name, played.givenUp)
    return sortHosts(playable, played.results)
  }

  #list(
    hosts: readonly Host[],
    list: (host: Host) => OperationList,
    name: string,
  ): readonly HostEntries<Host>[] {
    const { results, selection } = this.#context
    return selection.skipToStart(
      makeForHosts(hosts, host => {
        const first = results.countListed(host)
        const listed = collectProblems(() => list(host))
        const entries = listEntries(host.name, listed, name, selection.selects, first)
        checkFollowed(entries, results.listedKeys(host))
        results.addListed(
          host,
          entries.map(({ op }) => op.key),
        )
        return { host, entries }
      }),
    )
  }

  /** No other play follows, but for one of facts: what is not listed now will not be met. */
  #refuseUnmet(lists: readonly HostEntries<Host>[]): void {
    const isWhole = lists.some(({ entries }) => entries.some(({ op }) => op.kind !== 'fact'))
    const unmet = isWhole ? this.#context.selection.findUnmet() : null
    if (unmet) throw toScriptError(unmet)
  }

  #preparePlay({ host, entries }: HostEntries<Host>, pendingBefore: boolean): PlayHost {
    const plan = this.#plan
    return {
      session: this.#context.sessions.get(host),
      entries,
      pendingBefore,
      bar: plan?.explainBar(host.name) ?? null,
      converging: {
        ...plan?.getOptions(host.name),
        ...(this.#approve ? { approve: this.#approve(host.name) } : {}),
      },
    }
  }

  #addResult(host: Host, result: ConvergeResult): void {
    this.#context.results.add(host, result)
    if (this.#plan?.takeResult(host.name, result)) this.#context.results.halt(host)
  }

  /** Combines the flags with the playbook's own options; the flags take precedence. */
  #chooseOptions(play: PlayOptions): Omit<BatchOptions, 'play' | 'emit'> {
    const { flags, how, who } = this.#context.options
    const serial = how.serial ?? (play.serial === undefined ? undefined : [play.serial].flat())
    const maxFail = how.maxFail ?? play.maxFail
    return {
      check: this.#context.mode === 'check',
      allowDisruption: flags['allow-disruption'] === true,
      openQueue: this.#context.undos.current ? this.#openUndoQueue : this.#openQueue,
      forks: how.forks,
      ...(serial === undefined ? {} : { serial }),
      ...(maxFail === undefined ? {} : { maxFail }),
      lease: { path: LEASE, who },
      stop: this.#context.stop,
    }
  }

  #giveUp(name: string, why: string): ScriptError {
    const text = `${name} is given up: ${why}`
    this.#context.note(text)
    return new HostsFailed(text)
  }
}

const sortHosts = (hosts: readonly Host[], results: readonly ConvergeResult[]): PlayedHosts => {
  const ok = hosts.filter((_, i) => results[i]?.result === 'ok')
  const changed = hosts.filter((host, i) => {
    const outcomes = results[i]?.outcomes ?? []
    return ok.includes(host) && outcomes.some(({ is }) => is === 'changed')
  })
  return { ok, failed: hosts.filter(host => !ok.includes(host)), changed }
}

/** The ids of the selected operations of each host, in order. */
const listSelected = (
  lists: readonly HostEntries<Host>[],
): ReadonlyMap<string, readonly string[]> =>
  new Map(
    lists.map(({ host, entries }) => [
      host.name,
      entries.flatMap(({ op, selected }) => (selected ? [op.id] : [])),
    ]),
  )

const printLists = (lists: readonly HostEntries<Host>[]): PlayedHosts => {
  for (const { host, entries } of lists) {
    const selected = entries.filter(entry => entry.selected)
    print([host.name, ...selected.map(formatEntry)].join('\n'))
  }
  return { ok: lists.map(({ host }) => host), failed: [], changed: [] }
}

const formatEntry = ({ role, op }: PlayEntry): string =>
  `  ${role}: ${op.id}${op.tags.length > 0 ? `  [${op.tags.join(', ')}]` : ''}`
