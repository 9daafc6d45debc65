import { join } from 'node:path'
import pLimit from 'p-limit'
import type { Result } from './converge/converge.ts'
import { LEASE } from './converge/lease.ts'
import { calm, Ended } from './ended.ts'
import { exitCode } from './exit-code.ts'
import type { Facts } from './facts/fact.ts'
import { type FactsWanted, type Informed, informed } from './facts/informed.ts'
import { fetchTo, readRemote } from './fetch.ts'
import type { CommonFlags } from './flags.ts'
import { InputError } from './input-error.ts'
import { type Interrupts, interrupts } from './interrupts.ts'
import type { Cluster, Host, Inventory } from './inventory/inventory.ts'
import { select } from './inventory/select.ts'
import type { LabState } from './lab/state.ts'
import type { Diff, Operation } from './operation.ts'
import type { Path } from './operations/parts/entry.ts'
import { type Entry, entries, play, type Wanted } from './play.ts'
import { reaches } from './reaches.ts'
import { askSecret, canAsk } from './report/ask.ts'
import { print, type RunReport, runReport } from './report/run.ts'
import type { Played, RunOptions } from './run-options.ts'
import { secondLogin } from './second-login.ts'
import type { Secret } from './secret.ts'
import { Session } from './session.ts'
import { type Place, type Synchronise, synchronise } from './synchronise.ts'

export type { Played, RunOptions } from './run-options.ts'

/** One run of a playbook: it plays lists on hosts, tells what happens, and ends with a recap and an exit code. */
export class Run<F extends CommonFlags = CommonFlags> {
  readonly flags: F
  /** Words beside the flags, where the playbook takes some. */
  readonly words: readonly string[]
  readonly inventory: Inventory
  readonly lab: LabState | null
  readonly #o: RunOptions<F>
  readonly #sessions = new Map<string, Session>()
  readonly #listed = new Map<string, number>()
  readonly #out = new Map<string, Result['result']>()
  readonly #results: Result[] = []
  #report: RunReport | null = null
  #interrupts: Interrupts | null = null
  #plays = 0

  constructor(options: RunOptions<F>) {
    this.#o = options
    this.flags = options.flags
    this.words = options.words
    this.inventory = options.inventory
    this.lab = options.lab
  }

  /** The hosts of a pattern, less what --limit leaves out; in the inventory's order. An unknown name is an InputError. */
  hosts(pattern: string): Host[] {
    return this.#input(() => {
      const wanted = select(this.inventory, pattern)
      if (this.flags.limit === undefined) return wanted
      const allowed = new Set(select(this.inventory, 'all', this.flags.limit))
      return wanted.filter(host => allowed.has(host))
    })
  }

  /** The cluster of that name. */
  cluster(name: string): Cluster {
    return this.#input(() => {
      const found = this.inventory.clusters.get(name)
      if (!found)
        throw new InputError({
          place: name,
          message: 'no such cluster',
          next: `there are: ${[...this.inventory.clusters.keys()].join(', ')}`,
        })
      return found
    })
  }

  /** The secret of that name, generated into the store on first use; only made up in check mode. A store that cannot be opened ends the script: ask before the first play. */
  secret(name: string, generate?: () => string): Promise<Secret> {
    return this.#o.vault.secret(name, generate).catch((error: unknown) => {
      throw calm(error)
    })
  }

  /** An HMAC of a secret under the store's key: for names and stamps. */
  readonly hmac = (purpose: string, secret: Secret): string => this.#o.vault.hmac(purpose, secret)

  /** Something that the operator should know at the end of the run. */
  note(text: string, host?: string): void {
    this.#started([]).emit({ type: 'note', text, ...(host === undefined ? {} : { host }) })
  }

  /**
   * Plays a list on each host. A host that failed before is left out; one host's failure does not touch another. Does not throw for what hosts do;
   * throws when the run was interrupted. Bad input (two operations of one name) ends the script before any connection. With `facts` these are read first.
   */
  play(hosts: readonly Host[], list: (host: Host) => Wanted, name?: string): Promise<Played>
  play<F extends Facts>(hosts: readonly Host[], how: FactsWanted<F>, list: (host: Informed<F>) => Wanted, name?: string): Promise<Played>
  play(hosts: readonly Host[], ...rest: readonly unknown[]): Promise<Played> {
    const play = this.#play.bind(this)
    if (typeof rest[0] === 'function') return play(hosts, ...(rest as [(host: Host) => Wanted, string?]))
    const [how, list, name = this.#o.name] = rest as [FactsWanted<Facts>, (host: Informed<Facts>) => Wanted, string?]
    const note = (text: string, host?: string) => (this.flags['list-tasks'] ? print(`${host}\n  ${text}`) : this.note(text, host))
    return informed(hosts, how, list, name, { play, note, folder: join(this.#o.root, '.runs/facts') })
  }

  async #play(hosts: readonly Host[], list: (host: Host) => Wanted, name: string = this.#o.name): Promise<Played> {
    const left = hosts.filter(host => !this.#out.has(host.name))
    const lists = this.#input(() =>
      left.map(host => ({ host, entries: entries(host.name, list(host), name, (role, op) => this.#selects(role, op)) })),
    )
    if (this.flags['list-tasks']) {
      for (const { host, entries } of lists) print([host.name, ...entries.filter(({ selected }) => selected).map(listedTask)].join('\n'))
      return { ok: left, failed: [], changed: [] }
    }
    const report = this.#started(left)
    const pendingBefore =
      this.flags.check === true && this.#results.some(({ outcomes }) => outcomes.some(({ is }) => is !== 'ok' && is !== 'skipped'))
    report.emit({ type: 'play-started', play: this.#plays, name, hosts: left.map(host => host.name) })
    const results = await play(
      lists.map(({ host, entries }) => ({ session: this.#session(host), entries, before: this.#before(host, entries), pendingBefore })),
      {
        play: this.#plays++,
        check: this.flags.check === true,
        allowDisruption: this.flags['allow-disruption'] === true,
        forks: this.#o.forks,
        lease: { path: LEASE, who: this.#o.who },
        stop: this.#stop(),
        emit: report.emit,
      },
    )
    for (const [i, result] of results.entries()) if (result.result !== 'ok') this.#out.set((left[i] as Host).name, result.result)
    this.#results.push(...results)
    if (this.#stop().requested) throw new Ended('interrupted')
    const ok = left.filter(host => !this.#out.has(host.name))
    const changed = ok.filter(host => results[left.indexOf(host)]?.outcomes.some(({ is }) => is === 'changed'))
    return { ok, failed: left.filter(host => this.#out.has(host.name)), changed }
  }

  /** The content of a file on a host, whole, proven by its hash; between two plays, and in check mode too. Of 64 MiB at most. */
  read(host: Host, path: Path): Promise<Buffer> {
    return readRemote(this.#session(host), path)
  }

  /** A file of a host is on this machine, whole or not at all, readable by its owner alone; between two plays, and in check mode too. */
  fetch(host: Host, path: Path, to: string): Promise<void> {
    return fetchTo(this.#session(host), path, to)
  }

  /** A folder of one host is as that of another, between two plays; only files that differ travel, through this machine. What differed is told. Check mode changes nothing. */
  async synchronise(from: { host: Host; path: Path }, to: { host: Host; path: Path }, options: Synchronise = {}): Promise<Diff> {
    const [first, second] = [from, to].map(({ host, path }) => ({ session: this.#session(host), path })) as [Place, Place]
    const manner = { check: this.flags.check === true, lease: { path: LEASE, who: this.#o.who }, stop: this.#stop() }
    const diff = await synchronise(first, second, options, manner)
    this.note(
      `${to.path} as ${from.path} of ${from.host.name}: ${diff.length === 0 ? 'nothing differs' : `${diff.length} differ${manner.check ? '' : 'ed'}`}`,
      to.host.name,
    )
    return diff
  }

  /**
   * Each host lets us in a second time and lets us be root, while the first login still stands: nobody has locked themselves out. A host that does not
   * has failed, and is left out of what follows.
   */
  async secondLogin(hosts: readonly Host[]): Promise<void> {
    const limit = pLimit(this.#o.forks)
    await Promise.all(hosts.map(host => limit(() => this.#logInAgain(host))))
  }

  async #logInAgain(host: Host): Promise<void> {
    const error = await secondLogin(this.#reach(host))
    if (!error) return
    this.#out.set(host.name, 'failed')
    this.#results.push({ result: 'failed', trips: 0, outcomes: [], error })
    this.#started([]).emit({ type: 'host-finished', host: host.name, result: 'failed', trips: 0, ms: 0, error })
  }

  /** Ends the run: sessions closed, recap shown, exit code set. Called once, when the script is over. */
  async end(error?: unknown): Promise<void> {
    await Promise.all([...this.#sessions.values()].map(session => session.end()))
    const interrupted = this.#interrupts?.requested === true
    const code = exitCode(this.#results, { interrupted, threw: error !== undefined, differences: this.flags['exit-code'] === true })
    if (this.#report) {
      this.#report.emit({ type: 'run-finished', exitCode: code, ms: this.#report.at() })
      await this.#report.close()
    }
    this.#interrupts?.release()
    process.exitCode = code
  }

  /** Bad input ends the script with its own calm text instead of a stack. */
  #input<T>(work: () => T): T {
    try {
      return work()
    } catch (error) {
      throw calm(error)
    }
  }

  #selects(role: string, { kind, tags }: Operation): boolean {
    if (kind === 'fact') return true // a list that is made of facts needs them, whatever is selected of it
    const { only, not } = this.#o.tags
    const all = [role, ...tags]
    return (only.length === 0 || all.some(tag => only.includes(tag))) && !all.some(tag => not.includes(tag))
  }

  #before(host: Host, entries: readonly Entry[]): number {
    const before = this.#listed.get(host.name) ?? 0
    this.#listed.set(host.name, before + entries.length)
    return before
  }

  #session(host: Host): Session {
    const known = this.#sessions.get(host.name)
    const session = known ?? new Session(this.#reach(host))
    this.#sessions.set(host.name, session)
    return session
  }

  #reaches: ReturnType<typeof reaches> | null = null
  #reach(host: Host) {
    const { lab, sudoPassword } = this.#o
    this.#reaches ??= reaches({
      sshConfig: lab === null,
      ...(sudoPassword ? { sudoPassword } : {}),
      ...(canAsk() ? { ask: question => this.#started([]).quietly(() => askSecret(question, 'Add the key to an ssh agent.')) } : {}),
      connected: (name, ms) => this.#report?.emit({ type: 'host-connected', host: name, ms }),
    })
    return this.#reaches(host)
  }

  #started(hosts: readonly Host[]): RunReport {
    if (this.#report) return this.#report
    const { name, root, vault, flags } = this.#o
    this.#report = runReport({
      root,
      playbook: name,
      json: flags.json === true,
      diff: flags.diff === true,
      verbose: flags.verbose === true,
      redact: vault.redact,
    })
    this.#report.emit({ type: 'run-started', playbook: name, check: flags.check === true, hosts: hosts.map(host => host.name) })
    return this.#report
  }

  #stop(): Interrupts {
    this.#interrupts ??= interrupts(
      signal =>
        this.#interrupt('stop', `${signal}: each host ends the change it is making, then stops; press Ctrl-C again to end that too`),
      () => this.#interrupt('kill', 'ending what runs on the hosts (package managers are left to finish)'),
    )
    return this.#interrupts
  }

  #interrupt(how: 'stop' | 'kill', text: string): void {
    this.#report?.emit({ type: 'note', text })
    const limit = pLimit(20)
    for (const session of this.#sessions.values())
      void limit(() => session.interrupt(how)).catch(error =>
        this.#report?.emit({
          type: 'note',
          host: session.host,
          text: `could not be told to stop: ${error instanceof Error ? error.message : error}`,
        }),
      )
  }
}

const listedTask = ({ role, op }: Entry): string => `  ${role}: ${op.id}${op.tags.length > 0 ? `  [${op.tags.join(', ')}]` : ''}`
