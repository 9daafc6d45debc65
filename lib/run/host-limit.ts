import { InputError } from '../errors/input-error.ts'
import { ScriptError } from '../errors/script-error.ts'
import type { Host, Inventory } from '../inventory/inventory.ts'
import { selectHosts } from '../inventory/pattern.ts'

type Named = Pick<Host, 'name'>

/** The hosts that `--limit` leaves to a run: what it leaves out is played nowhere. */
export class HostLimit {
  readonly #pattern: string | undefined
  readonly #allowed: ReadonlySet<string> | null
  /** Hosts that a play was given and did not get. */
  readonly #leftOut = new Set<string>()
  /** Hosts that a pattern of the script matched and did not get. */
  readonly #unmatched = new Set<string>()
  #hasPlayed = false
  #hasMatched = false
  #isUsed = false

  constructor(inventory: Inventory, pattern: string | undefined) {
    this.#pattern = pattern
    this.#allowed =
      pattern === undefined
        ? null
        : new Set(selectHosts(inventory, 'all', pattern).map(({ name }) => name))
  }

  /** Returns the hosts of a pattern that the run may use. */
  filterMatching(hosts: readonly Host[]): Host[] {
    const left = this.#split(hosts, this.#unmatched)
    this.#hasMatched ||= left.length > 0
    return left
  }

  /** Returns the hosts that are played, of those that a play was given. */
  filterPlayed(hosts: readonly Host[]): Host[] {
    this.#hasPlayed = true
    const left = this.#split(hosts, this.#leftOut)
    this.#isUsed ||= left.length > 0
    return left
  }

  #split(hosts: readonly Host[], leftOut: Set<string>): Host[] {
    const { allowed, others } = this.#divide(hosts)
    for (const { name } of others) leftOut.add(name)
    return allowed
  }

  #divide<T extends Named>(hosts: readonly T[]): { readonly allowed: T[]; readonly others: T[] } {
    const isAllowed = ({ name }: T): boolean => this.#allowed?.has(name) ?? true
    return { allowed: hosts.filter(isAllowed), others: hosts.filter(host => !isAllowed(host)) }
  }

  /** Throws if one of these hosts is left out. `why` says why they belong together. */
  requireAll(hosts: readonly Named[], why: string): void {
    const names = [...new Set(this.#divide(hosts).others.map(({ name }) => name))]
    if (names.length === 0) return
    throw new ScriptError(
      new InputError({
        place: this.#place,
        message: `leaves out ${names.join(', ')}: ${why}`,
        next: `Leave --limit away, or add ${names.length === 1 ? 'it' : 'them'}.`,
      }).message,
    )
  }

  /** Throws if the host is left out; otherwise the run works on it. */
  require(host: Named): void {
    this.requireAll([host], 'the script works on it')
    this.#isUsed = true
  }

  /** Names the hosts that the plays were given and that are left out; null without any. */
  describeLeftOut(): string | null {
    return this.#leftOut.size === 0
      ? null
      : `${this.#place} leaves out: ${[...this.#leftOut].join(', ')}`
  }

  /** Returns the error of a run that `--limit` left no host to, or null. */
  findUnmet(): InputError | null {
    const names = [...new Set([...this.#leftOut, ...this.#unmatched])]
    const isEmpty = !this.#isUsed && (this.#hasPlayed || !this.#hasMatched)
    if (!isEmpty || names.length === 0) return null
    return new InputError({
      place: this.#place,
      message: 'leaves no host to this playbook',
      next: `It is for ${names.join(', ')}.`,
    })
  }

  get #place(): string {
    return `--limit ${this.#pattern ?? ''}`
  }
}
