import type { CommonFlags } from '../cli/flags.ts'
import { type Interrupts, listenForInterrupts } from '../cli/signals.ts'
import type { Host } from '../inventory/inventory.ts'
import { askSecret, canAsk } from '../report/ask.ts'
import { openRunReport, type RunReport } from '../report/run-report.ts'
import { escapeControls } from '../report/sanitize.ts'
import { reaches } from '../transport/connector.ts'
import type { ReachableHost } from '../transport/host.ts'
import type { Reach } from '../transport/session.ts'
import { Sessions } from '../transport/session-pool.ts'
import type { RunOptions } from './options.ts'

/**
 * What a run plays with: the hosts' sessions, the report, the operator's signals. Each begins when
 * it is first needed.
 */
export class Stage {
  readonly sessions: Sessions
  readonly #o: RunOptions<CommonFlags>
  #report: RunReport | null = null
  #interrupts: Interrupts | null = null
  #reaches: ReturnType<typeof reaches> | null = null

  constructor(options: RunOptions<CommonFlags>) {
    this.#o = options
    this.sessions = new Sessions(host => this.reach(host))
  }

  /** The report; it begins with these hosts. */
  report(hosts: readonly Host[] = []): RunReport {
    if (this.#report) return this.#report
    const { name, root, vault, flags } = this.#o
    const { json = false, diff = false, verbose = false, check = false } = flags
    this.#report = openRunReport({
      root,
      playbook: name,
      json,
      diff,
      verbose,
      redact: vault.redact,
    })
    this.#report.emit({
      type: 'run-started',
      playbook: name,
      check,
      hosts: hosts.map(host => host.name),
    })
    return this.#report
  }

  /** A text as it may be shown outside the report, in a question for instance. */
  readonly clean = (text: string): string => escapeControls(this.#o.vault.redact(text))

  /** The report of a run that has something to report; null where nothing was begun. */
  get begun(): RunReport | null {
    return this.#report
  }

  /** A way of its own to a host, beside its session. */
  reach(host: ReachableHost): Reach {
    const { lab, sudoPassword } = this.#o
    this.#reaches ??= reaches({
      sshConfig: lab === null,
      ...(sudoPassword ? { sudoPassword } : {}),
      ...(canAsk()
        ? {
            ask: question =>
              this.report().quietly(() => askSecret(question, 'Add the key to an ssh agent.')),
          }
        : {}),
      connected: (name, ms) => this.#report?.emit({ type: 'host-connected', host: name, ms }),
    })
    return this.#reaches(host)
  }

  /** The signals of the operator, listened to from the first call on. */
  get stop(): Interrupts {
    this.#interrupts ??= listenForInterrupts(
      signal =>
        this.#interrupt(
          'stop',
          `${signal}: each host ends the change it is making, then stops; press Ctrl-C again to end that too`,
        ),
      () =>
        this.#interrupt(
          'kill',
          'ending what runs on the hosts (package managers are left to finish)',
        ),
    )
    return this.#interrupts
  }

  get interrupted(): boolean {
    return this.#interrupts?.requested === true
  }

  /** Signals have their ordinary effect again. */
  release(): void {
    this.#interrupts?.release()
  }

  #interrupt(how: 'stop' | 'kill', text: string): void {
    this.#report?.emit({ type: 'note', text })
    this.sessions.interrupt(how, (host, why) =>
      this.#report?.emit({ type: 'note', host, text: `could not be told to stop: ${why}` }),
    )
  }
}
