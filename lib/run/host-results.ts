import type { ConvergeResult } from '../converge/converge.ts'
import type { Host } from '../inventory/inventory.ts'

/** The results of a run's hosts so far. */
export class HostResults {
  readonly all: ConvergeResult[] = []
  readonly #failed = new Map<string, ConvergeResult['result']>()
  readonly #halted = new Set<string>()
  readonly #listed = new Map<string, { count: number; readonly keys: Set<string> }>()

  /** Keeps the hosts on which nothing failed: the others are left out of what follows. */
  filterPlayable(hosts: readonly Host[]): Host[] {
    return hosts.filter(({ name }) => !this.#failed.has(name) && !this.#halted.has(name))
  }

  add(host: Host, result: ConvergeResult): void {
    this.all.push(result)
    if (result.result !== 'ok') this.#failed.set(host.name, result.result)
  }

  /** Leaves a host out of what follows although nothing failed: a saved plan goes no further. */
  halt(host: Host): void {
    this.#halted.add(host.name)
  }

  /** How many operations were listed on the host so far: the number of its next one. */
  countListed(host: Host): number {
    return this.#listed.get(host.name)?.count ?? 0
  }

  /** The keys of the operations that were listed on the host so far. */
  listedKeys(host: Host): ReadonlySet<string> {
    return this.#listed.get(host.name)?.keys ?? new Set()
  }

  addListed(host: Host, keys: readonly string[]): void {
    const listed = this.#listed.get(host.name) ?? { count: 0, keys: new Set() }
    listed.count += keys.length
    for (const key of keys) listed.keys.add(key)
    this.#listed.set(host.name, listed)
  }

  /** True once something differs, or may: in check mode, later lists build on what was not done. */
  get differs(): boolean {
    return this.all.some(({ outcomes }) =>
      outcomes.some(({ is }) => is !== 'ok' && is !== 'skipped'),
    )
  }

  /** Hosts on which the same command has work left: failed, unreachable, or not begun. */
  get toRetry(): string[] {
    return [...this.#failed].flatMap(([host, result]) => (result === 'interrupted' ? [] : [host]))
  }
}
