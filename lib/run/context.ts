import type { CommonFlags } from '../cli/flags.ts'
import { type Interrupts, listenForInterrupts } from '../cli/signals.ts'
import { ScriptError, toScriptError } from '../errors/script-error.ts'
import type { Host } from '../inventory/inventory.ts'
import { askSecret, askTyped, askYes, canAsk, type TypedQuestion } from '../report/ask.ts'
import { openRunReport, type RunReport } from '../report/run-report.ts'
import { createConnectors } from '../transport/connector.ts'
import type { ReachableHost } from '../transport/host.ts'
import type { Connector } from '../transport/session.ts'
import { SessionPool } from '../transport/session-pool.ts'
import { HostLimit } from './host-limit.ts'
import { HostResults } from './host-results.ts'
import type { Mode } from './mode.ts'
import type { RunOptions } from './options.ts'
import { openRemote, type Remote } from './remote/remote.ts'
import { Selection } from './selection.ts'
import { Undos } from './undo.ts'

/**
 * What all parts of one run share: its options, the hosts' sessions, the report, the operator's
 * signals, the results and the selection. Sessions, report and signals begin on first use.
 */
export class RunContext {
  readonly options: RunOptions<CommonFlags>
  readonly mode: Mode
  readonly sessions: SessionPool
  readonly results = new HostResults()
  readonly selection: Selection
  readonly undos: Undos
  readonly limit: HostLimit
  #report: RunReport | null = null
  #signals: Interrupts | null = null
  #connect: ((host: ReachableHost) => Connector) | null = null

  constructor(options: RunOptions<CommonFlags>) {
    this.options = options
    this.mode = options.how.mode
    this.sessions = new SessionPool(host => this.createConnector(host))
    this.selection = new Selection(options.how.selection)
    this.undos = new Undos({
      interruptions: () => this.#signals?.times ?? 0,
      resume: () => this.sessions.resume(),
      kill: () => this.#tell('kill'),
      note: text => this.note(text),
    })
    this.limit = new HostLimit(options.inventory, options.flags.limit)
  }

  /** Returns the report; opens it with these hosts on first use. */
  openReport(hosts: readonly Host[] = []): RunReport {
    if (this.#report) return this.#report
    const { name, root, vault, flags } = this.options
    const { json = false, diff = false, verbose = false } = flags
    const { redact } = vault
    this.#report = openRunReport({ root, playbook: name, json, diff, verbose, redact })
    this.#report.emit({
      type: 'run-started',
      playbook: name,
      check: this.mode === 'check',
      hosts: hosts.map(host => host.name),
    })
    return this.#report
  }

  /** The report, or null if there was nothing to report. */
  get report(): RunReport | null {
    return this.#report
  }

  /** Adds a note to the report: something that the operator should know. */
  note(text: string, host?: string): void {
    this.openReport().emit({ type: 'note', text, ...(host === undefined ? {} : { host }) })
  }

  /** Creates a connection to a host beside its session. */
  createConnector(host: ReachableHost): Connector {
    const { lab, sudoPassword, flags } = this.options
    const ask = (question: string) =>
      this.openReport().quietly(() => askSecret(question, 'Add the key to an ssh agent.'))
    this.#connect ??= createConnectors({
      sshConfig: lab === null,
      inventory: flags.inventory,
      ...(sudoPassword ? { sudoPassword } : {}),
      ...(canAsk() ? { ask } : {}),
      onConnect: (name, ms) => this.#report?.emit({ type: 'host-connected', host: name, ms }),
    })
    return this.#connect(host)
  }

  /**
   * Opens a host's shell between two plays. Check mode runs only commands that read; in list mode
   * nothing is run.
   */
  openRemote(host: Host): Remote {
    this.limit.require(host)
    return openRemote({
      session: this.sessions.get(host),
      emit: event => this.openReport().emit(event),
      redact: this.options.vault.redact,
      follow: work => this.undos.follow(work),
      explainFailure: () =>
        this.mode === 'check' && this.results.differs
          ? 'check mode: what this run would change before may be missing on the host'
          : null,
      explainSkip: ({ reads }) => {
        if (this.stop.requested) throw new ScriptError('interrupted')
        if (this.mode === 'list') return 'nothing is connected to'
        return this.mode === 'check' && !reads ? 'check mode' : null
      },
    })
  }

  /** Asks the operator yes or no. Unless changes are applied, nobody is asked. */
  async confirm(question: string): Promise<boolean> {
    const yes = this.options.flags.yes === true || this.mode !== 'apply'
    const ask = (): Promise<boolean> => askYes(question, yes)
    try {
      return await (this.#report ? this.#report.quietly(ask) : ask())
    } catch (error) {
      throw toScriptError(error)
    }
  }

  /** Has the operator type a word. Unless changes are applied, nobody is asked. */
  async confirmTyped({ type, question }: TypedQuestion): Promise<boolean> {
    if (this.mode !== 'apply') return true
    const ask = (): Promise<boolean> => askTyped(question, type, this.options.flags.confirm ?? [])
    try {
      return await (this.#report ? this.#report.quietly(ask) : ask())
    } catch (error) {
      throw toScriptError(error)
    }
  }

  /** The operator's signals, listened to from the first use on. */
  get signals(): Interrupts {
    const stop =
      'each host ends the change it is making, then stops; press Ctrl-C again to end that too'
    const kill = 'ending what runs on the hosts (package managers are left to finish)'
    const goesOn = 'what is being undone goes on; press Ctrl-C again to end that too'
    this.#signals ??= listenForInterrupts(
      signal => {
        const { isActive } = this.undos
        this.#report?.emit({ type: 'note', text: `${signal}: ${isActive ? goesOn : stop}` })
        if (!isActive) this.#tell('stop')
      },
      () => {
        this.undos.stop()
        this.#report?.emit({ type: 'note', text: kill })
        this.#tell('kill')
      },
    )
    return this.#signals
  }

  /** Whether what the caller belongs to is to end: the run, or something that is undone. */
  get interrupted(): boolean {
    return (this.undos.current ?? this.#signals)?.requested === true
  }

  /** Becomes `requested` when what the caller belongs to is to end. */
  get stop(): { readonly requested: boolean } {
    const { signals } = this // listened to from now on
    return this.undos.current ?? signals
  }

  /** How often the operator interrupted the run. */
  get interruptions(): number {
    return this.#signals?.times ?? 0
  }

  /** Gives signals their ordinary effect again. */
  releaseSignals(): void {
    this.#signals?.release()
  }

  #tell(how: 'stop' | 'kill'): void {
    this.sessions.interrupt(how, (host, why) =>
      this.#report?.emit({ type: 'note', host, text: `could not be told to stop: ${why}` }),
    )
  }
}
