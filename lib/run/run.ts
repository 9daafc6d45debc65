import type { CommonFlags } from '../cli/flags.ts'
import { runWithScriptErrors } from '../errors/script-error.ts'
import type { Cluster, Host, Inventory } from '../inventory/inventory.ts'
import type { LabState } from '../inventory/lab-state.ts'
import { findCluster, selectHosts } from '../inventory/pattern.ts'
import type { TypedQuestion } from '../report/ask.ts'
import { say } from '../report/print.ts'
import { writeRetry } from '../report/retry.ts'
import { describeMade } from '../secrets/vault.ts'
import { checkInScript } from './calls.ts'
import { checkHosts } from './check-hosts.ts'
import { RunContext } from './context.ts'
import { classifyError, computeExitCode } from './exit-code.ts'
import type { FactOptions, Facts } from './facts/fact.ts'
import { gatherFacts, type HostWithFacts } from './facts/gather.ts'
import { Files } from './files/files.ts'
import type { Mode } from './mode.ts'
import type { CheckedList, OperationList } from './operation-list.ts'
import type { PlayedHosts, PlayOptions, RunOptions } from './options.ts'
import { PendingPlays } from './pending-plays.ts'
import { PlayRunner } from './play-runner.ts'
import type { Remote } from './remote/remote.ts'
import { reportThrown } from './report-end.ts'
import { RunSecrets } from './secrets.ts'
import { verifyLogins } from './verify-login.ts'
import { type WaitOptions, waitUntil } from './wait-until.ts'

export type { PlayedHosts, PlayOptions, RunOptions } from './options.ts'

/**
 * One run of a playbook: it plays lists on hosts, reports what happens, and ends with a recap and
 * an exit code.
 */
export class Run<F extends CommonFlags = CommonFlags> extends RunSecrets {
  readonly flags: F
  /** Whether operations are listed, checked or applied. */
  readonly mode: Mode
  /** Words beside the flags, if the playbook takes some. */
  readonly words: readonly string[]
  readonly inventory: Inventory
  readonly lab: LabState | null
  /** Files from host to host, and from a host to this machine: between two plays. */
  readonly files: Files
  readonly #context: RunContext
  readonly #runner: PlayRunner
  readonly #pending = new PendingPlays()

  constructor(options: RunOptions<F>) {
    const context = new RunContext(options)
    super(options.vault, made => context.note(describeMade(made, options.how.mode === 'apply')))
    this.flags = options.flags
    this.mode = options.how.mode
    this.words = options.words
    this.inventory = options.inventory
    this.lab = options.lab
    this.#context = context
    this.#runner = new PlayRunner(this.#context)
    this.files = new Files(this.#context)
  }

  /**
   * Returns the hosts of a pattern without those that --limit leaves out, in the inventory's order.
   * An unknown name is an InputError.
   */
  hosts(pattern: string): Host[] {
    checkInScript('run.hosts', { pattern })
    const matching = runWithScriptErrors(() => selectHosts(this.inventory, pattern))
    return this.#context.limit.filterMatching(matching)
  }

  /**
   * Ends the script if --limit leaves out one of these hosts. Call it before the first play of what
   * may not be done on a part of them; `why` tells the operator the reason.
   */
  requireHosts(hosts: readonly Host[], why: string): void {
    checkHosts('run.requireHosts', hosts)
    checkInScript('run.requireHosts', { why })
    this.#context.limit.requireAll(hosts, why)
  }

  /** Returns the cluster of that name. */
  cluster(name: string): Cluster {
    checkInScript('run.cluster', { name })
    return runWithScriptErrors(() => findCluster(this.inventory, name))
  }

  /** Adds a note to the recap: something that the operator should know at the end of the run. */
  note(text: string, host?: string | Pick<Host, 'name'>): void {
    checkInScript('run.note', { text, host })
    this.#context.note(text, typeof host === 'object' ? host.name : host)
  }

  /**
   * Plays a list on each host. A host that failed before is left out, and so is one that --limit
   * does not allow, which the recap names; one host's failure does not affect another. Does not
   * throw for what hosts do, unless more failed than may; throws if the
   * run was interrupted. Bad input (two operations of one name) ends the script before any
   * connection. With `facts` these are read first.
   */
  play<List>(
    hosts: readonly Host[],
    list: (host: Host) => CheckedList<List>,
    name?: string,
  ): Promise<PlayedHosts>
  play<F extends Facts, List>(
    hosts: readonly Host[],
    options: PlayOptions & FactOptions<F>,
    list: (host: HostWithFacts<F>) => CheckedList<List>,
    name?: string,
  ): Promise<PlayedHosts>
  play<List>(
    hosts: readonly Host[],
    options: PlayOptions,
    list: (host: Host) => CheckedList<List>,
    name?: string,
  ): Promise<PlayedHosts>
  play(hosts: readonly Host[], ...rest: readonly unknown[]): Promise<PlayedHosts> {
    const given = (typeof rest[0] === 'function' ? [{}, ...rest] : rest) as [
      PlayOptions | (PlayOptions & FactOptions<Facts>),
      (host: Host) => OperationList,
      string?,
    ]
    const [options, list, name = this.#context.options.name] = given
    checkHosts('run.play', hosts)
    checkInScript('run.play()', { name }, 'run.play')
    checkInScript('run.play', options, `the play ${name}`)
    const allowed = this.#context.limit.filterPlayed(hosts)
    const playing =
      'facts' in options
        ? gatherFacts(allowed, options, list, name, this.#context, this.#runner)
        : this.#runner.play(allowed, options, list, name)
    return this.#pending.add(this.#context.undos.follow(playing), name)
  }

  /**
   * Opens a host's shell, for what is not a state: ``await run.on(host).$`systemctl is-active
   * ${unit}` ``. Check mode runs only commands with `reads: true`.
   */
  on(host: Host): Remote {
    checkHosts('run.on', [host])
    return this.#context.openRemote(host)
  }

  /**
   * Asks the operator yes or no; -y answers yes. Check mode asks nobody and goes on. Without a
   * terminal, the error names -y.
   */
  confirm(question: string): Promise<boolean> {
    checkInScript('run.confirm', { text: question })
    return this.#context.confirm(question)
  }

  /**
   * Has the operator type a word, before what cannot be undone. `--confirm WORD` answers it, -y
   * does
   * not. Check mode asks nobody and goes on. Without a terminal, the error names that flag.
   */
  confirmTyped(question: TypedQuestion): Promise<boolean> {
    checkInScript('run.confirmTyped', question)
    return this.#context.confirmTyped(question)
  }

  /**
   * Undoes what the script began, also after Ctrl-C or a failure (`finally`): plays reach hosts
   * that failed. The second Ctrl-C ends it or keeps it from beginning; a deadline ends it too.
   */
  undo<T>(what: string, work: () => PromiseLike<T>, seconds = 600): Promise<T> {
    checkInScript('run.undo', { what, seconds })
    return this.#context.undos.run(what, work, seconds)
  }

  /**
   * Waits until a look returns something true, and returns that; a look that throws is repeated.
   * Not in time is an error.
   */
  until<T>(what: string, look: () => PromiseLike<T>, options: WaitOptions = {}): Promise<T> {
    checkInScript('run.until()', { what }, 'run.until')
    checkInScript('run.until', options)
    return waitUntil(what, look, options, () => this.#context.interrupted)
  }

  /**
   * Logs in to each host a second time and becomes root, while the first login is still open: this
   * proves that nobody is locked out. A host that refuses has failed and is left out of what
   * follows.
   */
  async secondLogin(hosts: readonly Host[]): Promise<void> {
    checkHosts('run.secondLogin', hosts)
    await verifyLogins(this.#context, hosts)
  }

  /**
   * Ends the run: waits for plays that the script did not await, closes the sessions, shows the
   * recap and sets the exit code. Called once, when the script is over.
   */
  async end(thrown?: unknown): Promise<void> {
    const unawaited = await this.#pending.end()
    const error = thrown ?? unawaited
    await this.#context.sessions.end()
    const { interruptions, options, results, selection, limit, report } = this.#context
    const interrupted = interruptions > 0
    const unmet =
      interrupted || error !== undefined || options.plan || results.toRetry.length > 0
        ? null
        : (limit.findUnmet() ?? selection.findUnmet())
    const { threw, results: thrownResults } = classifyError(error)
    const planEnded = interrupted || threw || (await this.#endPlan())
    const code = computeExitCode([...results.all, ...thrownResults], {
      interrupted,
      threw: threw || unmet !== null || !planEnded,
      differences: this.flags['exit-code'] === true,
    })
    const leftOut = unmet ? null : limit.describeLeftOut()
    if (leftOut !== null && this.mode === 'list') say(leftOut)
    if (report) {
      if (leftOut !== null) this.note(leftOut)
      const retry = writeRetry(report.folder, results.toRetry)
      if (retry !== null) this.note(`to retry the failed hosts: -l @${retry}`)
      const reason = interrupted ? {} : reportThrown(error ?? unmet, report.emit)
      report.emit({ type: 'run-finished', exitCode: code, ms: report.at(), ...reason })
      await report.close()
    }
    if (unmet) say(unmet.message)
    if (unawaited && error === unawaited) say(unawaited.message)
    this.#context.releaseSignals()
    process.exitCode = code
  }

  /** False: the plan could not be written. */
  async #endPlan(): Promise<boolean> {
    const { plan } = this.#context.options
    if (!plan || !this.#context.report) return true
    try {
      this.note(await plan.end())
      return true
    } catch (error) {
      this.note(error instanceof Error ? error.message : String(error))
      return false
    }
  }
}
