import type { ConvergeResult } from '../converge/converge.ts'
import type { Host } from '../inventory/inventory.ts'

/** How the hosts of a run have fared so far. */
export class Ledger {
  readonly results: ConvergeResult[] = []
  readonly #out = new Map<string, ConvergeResult['result']>()
  readonly #halted = new Set<string>()
  readonly #listed = new Map<string, number>()

  /** Those of the hosts on which nothing has failed: the others are left out of what follows. */
  left(hosts: readonly Host[]): Host[] {
    return hosts.filter(host => !this.#out.has(host.name) && !this.#halted.has(host.name))
  }

  note(host: Host, result: ConvergeResult): void {
    this.results.push(result)
    if (result.result !== 'ok') this.#out.set(host.name, result.result)
  }

  /** Nothing follows on the host, though nothing failed there: a saved plan goes no further. */
  halt(host: Host): void {
    this.#halted.add(host.name)
  }

  /** How many operations were listed on the host so far: the number of its next one. */
  countListed(host: Host): number {
    return this.#listed.get(host.name) ?? 0
  }

  addListed(host: Host, count: number): void {
    this.#listed.set(host.name, this.countListed(host) + count)
  }

  /**
   * True once something differs, or may: in check mode what comes later builds on what was not
   * done.
   */
  get differs(): boolean {
    return this.results.some(({ outcomes }) =>
      outcomes.some(({ is }) => is !== 'ok' && is !== 'skipped'),
    )
  }

  /**
   * Hosts on which the same command has something left to do: they failed, were out of reach, or
   * were not begun.
   */
  get again(): string[] {
    return [...this.#out].flatMap(([host, result]) => (result === 'interrupted' ? [] : [host]))
  }
}
