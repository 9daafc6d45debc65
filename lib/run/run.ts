import { join } from 'node:path'
import pLimit from 'p-limit'
import type { CommonFlags } from '../cli/flags.ts'
import { runWithScriptErrors, toScriptError } from '../errors/script-error.ts'
import type { Cluster, Host, Inventory } from '../inventory/inventory.ts'
import type { LabState } from '../inventory/lab-state.ts'
import { findCluster, selectHosts } from '../inventory/pattern.ts'
import { writeRetry } from '../report/retry.ts'
import { print, say } from '../report/run-report.ts'
import type { Secret } from '../secret.ts'
import type { Vault } from '../secrets/vault.ts'
import type { Wanted } from './batches.ts'
import { confirmed, shellOf } from './between.ts'
import { Stage } from './context.ts'
import { endOf } from './ending.ts'
import { exitCode } from './exit-code.ts'
import type { Facts } from './facts/fact.ts'
import { type FactsWanted, type Informed, type Informing, informed } from './facts/gather.ts'
import { Files } from './files/files.ts'
import { Ledger } from './host-results.ts'
import type { Manner, Played, RunOptions } from './options.ts'
import { Unended } from './pending-plays.ts'
import { Plays } from './play.ts'
import type { Remote } from './remote/remote.ts'
import { Selection } from './selection.ts'
import { secondLogin } from './verify-login.ts'
import { type Patience, until } from './wait-until.ts'

export type { Manner, Played, RunOptions } from './options.ts'

/**
 * One run of a playbook: it plays lists on hosts, tells what happens, and ends with a recap and an
 * exit code.
 */
export class Run<F extends CommonFlags = CommonFlags> {
  readonly flags: F
  /** Words beside the flags, where the playbook takes some. */
  readonly words: readonly string[]
  readonly inventory: Inventory
  readonly lab: LabState | null
  /** Files from host to host, and from a host to this machine: between two plays. */
  readonly files: Files
  readonly #o: RunOptions<F>
  readonly #stage: Stage
  readonly #of: { readonly stage: Stage; readonly options: RunOptions<F> }
  readonly #ledger = new Ledger()
  readonly #selection: Selection
  readonly #plays: Plays
  readonly #unended = new Unended()

  constructor(options: RunOptions<F>) {
    this.#o = options
    this.flags = options.flags
    this.words = options.words
    this.inventory = options.inventory
    this.lab = options.lab
    this.#stage = new Stage(options)
    this.#of = { stage: this.#stage, options }
    this.#selection = new Selection(options.how.selection)
    this.files = new Files(
      options,
      host => this.#stage.sessions.of(host),
      () => this.#stage.stop,
      (...note) => this.note(...note),
    )
    this.#plays = new Plays(options, this.#stage, this.#ledger, this.#selection)
  }

  /**
   * The hosts of a pattern, less what --limit leaves out; in the inventory's order. An unknown name
   * is an InputError.
   */
  hosts(pattern: string): Host[] {
    return runWithScriptErrors(() => {
      const wanted = selectHosts(this.inventory, pattern)
      if (this.flags.limit === undefined) return wanted
      const allowed = new Set(selectHosts(this.inventory, 'all', this.flags.limit))
      return wanted.filter(host => allowed.has(host))
    })
  }

  /** The cluster of that name. */
  cluster(name: string): Cluster {
    return runWithScriptErrors(() => findCluster(this.inventory, name))
  }

  /**
   * The secret of that name, generated into the store on first use; only made up in check mode. A
   * store that cannot be opened ends the script: ask before the first play.
   */
  secret(name: string, generate?: () => string): Promise<Secret> {
    return this.#o.vault.secret(name, generate).catch(rethrown)
  }

  /** The secret of that name, or null where there is none. */
  readonly find: Vault['find'] = name => this.#o.vault.find(name).catch(rethrown)

  /**
   * Changes the store in one step, on disk before this returns; in check mode for this run alone.
   */
  readonly edit: Vault['edit'] = change => this.#o.vault.edit(change).catch(rethrown)

  /** An HMAC of a secret under the store's key: for names and stamps. */
  readonly hmac = (purpose: string, secret: Secret): string => this.#o.vault.hmac(purpose, secret)

  /** Something that the operator should know at the end of the run. */
  note(text: string, host?: string | Pick<Host, 'name'>): void {
    const name = typeof host === 'object' ? host.name : host
    this.#stage.report().emit({ type: 'note', text, ...(name === undefined ? {} : { host: name }) })
  }

  /**
   * Plays a list on each host. A host that failed before is left out; one host's failure does not
   * touch another. Does not throw for what hosts do, but
   * where more failed than may; throws when the run was interrupted. Bad input (two operations of
   * one name) ends the script before any connection. With `facts` these are read first.
   */
  play(hosts: readonly Host[], list: (host: Host) => Wanted, name?: string): Promise<Played>
  play<F extends Facts>(
    hosts: readonly Host[],
    how: Manner & FactsWanted<F>,
    list: (host: Informed<F>) => Wanted,
    name?: string,
  ): Promise<Played>
  play(
    hosts: readonly Host[],
    how: Manner,
    list: (host: Host) => Wanted,
    name?: string,
  ): Promise<Played>
  play(hosts: readonly Host[], ...rest: readonly unknown[]): Promise<Played> {
    const whole = (typeof rest[0] === 'function' ? [{}, ...rest] : rest) as [
      Manner | (Manner & FactsWanted<Facts>),
      (host: Host) => Wanted,
      string?,
    ]
    const [how, list, name = this.#o.name] = whole
    const playing =
      'facts' in how
        ? informed(hosts, how, list, name, this.#informing(how))
        : this.#plays.play(hosts, how, list, name)
    return this.#unended.of(playing, name)
  }

  #informing(how: Manner): Informing {
    return {
      look: (hosts, list, name) => this.#plays.play(hosts, {}, list, name),
      play: (hosts, list, name) => this.#plays.play(hosts, how, list, name),
      note: (text, host) =>
        this.flags['list-tasks'] ? print(`${host}\n  ${text}`) : this.note(text, host),
      folder: join(this.#o.root, '.runs/facts'),
    }
  }

  /**
   * A host's shell, for what is not a state: ``await run.on(host).$`systemctl is-active ${unit}`
   * ``. Check mode runs only what is said to read.
   */
  on(host: Host): Remote {
    return shellOf(host, this.#of)
  }

  /**
   * Asks the operator, who may say no; -y answers yes. Check mode asks nobody, and goes on. Where
   * nobody can be asked, the error names -y.
   */
  confirm(question: string): Promise<boolean> {
    return confirmed(question, this.#of)
  }

  /**
   * Waits until a look gives something that is true, and gives that; a look that throws has not
   * seen it yet. Not in time is an error.
   */
  until<T>(what: string, look: () => PromiseLike<T>, patience: Patience = {}): Promise<T> {
    return until(what, look, patience, () => this.#stage.interrupted)
  }

  /**
   * Each host lets us in a second time and lets us be root, while the first login still stands:
   * nobody has locked themselves out. A host that does not
   * has failed, and is left out of what follows.
   */
  async secondLogin(hosts: readonly Host[]): Promise<void> {
    const limit = pLimit(this.#o.how.forks)
    await Promise.all(hosts.map(host => limit(() => this.#logInAgain(host))))
  }

  async #logInAgain(host: Host): Promise<void> {
    const error = await secondLogin(this.#stage.reach(host))
    if (!error) return
    this.#ledger.note(host, { result: 'failed', trips: 0, outcomes: [], error })
    this.#stage
      .report()
      .emit({ type: 'host-finished', host: host.name, result: 'failed', trips: 0, ms: 0, error })
  }

  /**
   * Ends the run: plays that the script did not wait for have come to their end, sessions are
   * closed, the recap shown, the exit code set. Called once, when the script is over.
   */
  async end(thrown?: unknown): Promise<void> {
    const unawaited = await this.#unended.end()
    const error = thrown ?? unawaited
    await this.#stage.sessions.end()
    const { interrupted } = this.#stage
    const unmet =
      interrupted || error !== undefined || this.#o.planning || this.#ledger.again.length > 0
        ? null
        : this.#selection.unmet()
    const { threw, results } = endOf(error)
    const planned = interrupted || threw || this.#endPlanning()
    const ending = {
      interrupted,
      threw: threw || unmet !== null || !planned,
      differences: this.flags['exit-code'] === true,
    }
    const code = exitCode([...this.#ledger.results, ...results], ending)
    const { begun } = this.#stage
    if (begun) {
      const retry = writeRetry(begun.folder, this.#ledger.again)
      if (retry !== null) this.note(`once more where it failed: -l @${retry}`)
      begun.emit({ type: 'run-finished', exitCode: code, ms: begun.at() })
      await begun.close()
    }
    if (unmet) say(unmet.message)
    if (unawaited && error === unawaited) say(unawaited.message)
    this.#stage.release()
    process.exitCode = code
  }

  /** False where the plan could not be written. */
  #endPlanning(): boolean {
    const { planning } = this.#o
    if (!planning || !this.#stage.begun) return true
    try {
      this.note(planning.end())
      return true
    } catch (error) {
      this.note(String(error instanceof Error ? error.message : error))
      return false
    }
  }
}

const rethrown = (error: unknown): never => {
  throw toScriptError(error)
}
