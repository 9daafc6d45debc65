import { InputError } from '../errors/input-error.ts'
import { formatSuggestion } from '../errors/suggest.ts'
import type { Operation } from '../operation.ts'
import type { Entry } from './play-host.ts'

export type Wishes = {
  /** Only what has one of these tags, or is of one of these roles. Empty: everything. */
  readonly only: readonly string[]
  readonly not: readonly string[]
  /** Id of the operation that is begun with. Default: the first. */
  readonly startAt?: string
}

/** A host's entries. */
export type List<Host> = { readonly host: Host; readonly entries: readonly Entry[] }

/** What of the lists of a run is played: by tags, and from an operation on. */
export class Selection {
  readonly #wishes: Wishes
  readonly #tags = new Set<string>()
  readonly #ids = new Set<string>()
  constructor(wishes: Wishes) {
    this.#wishes = wishes
  }

  /** True where the tags choose it. */
  readonly selects = (role: string, { kind, tags }: Operation): boolean => {
    // a list that is made of facts needs them, whatever is selected of it
    if (kind === 'fact') return true
    const { only, not } = this.#wishes
    const all = [role, ...tags]
    for (const tag of all) this.#tags.add(tag)
    return (
      (only.length === 0 || all.some(tag => only.includes(tag))) &&
      !all.some(tag => not.includes(tag))
    )
  }

  /**
   * The lists of a play, less what comes before the operation that is begun with: what no host has
   * played yet is left out until it is met.
   */
  fromStart<Host>(lists: readonly List<Host>[]): readonly List<Host>[] {
    const { startAt } = this.#wishes
    const begun = startAt === undefined || this.#ids.has(startAt)
    for (const { entries } of lists) for (const { op } of entries) this.#ids.add(op.id)
    return begun
      ? lists
      : lists.map(({ host, entries }) => ({ host, entries: after(entries, startAt) }))
  }

  /**
   * What was asked for and is nowhere in the run, as one InputError; null where all of it was met.
   */
  unmet(): InputError | null {
    const { only, not, startAt } = this.#wishes
    const tags = (flag: string, asked: readonly string[]) =>
      asked
        .filter(tag => !this.#tags.has(tag))
        .map(tag => ({
          place: `${flag} ${tag}`,
          message: `no role or operation has this tag${formatSuggestion(tag, this.#tags)}`,
        }))
    const start =
      startAt === undefined || this.#ids.has(startAt)
        ? []
        : [
            {
              place: `--start-at "${startAt}"`,
              message: `no operation has this id${formatSuggestion(startAt, this.#ids)}`,
              next: '--list-tasks lists them.',
            },
          ]
    const problems = [...tags('--tags', only), ...tags('--skip-tags', not), ...start]
    return problems.length > 0 ? new InputError(problems) : null
  }
}

const after = (entries: readonly Entry[], startAt: string): Entry[] => {
  const start = entries.findIndex(({ op }) => op.id === startAt)
  return entries.map((entry, at) =>
    (start >= 0 && at >= start) || entry.op.kind === 'fact'
      ? entry
      : { ...entry, selected: false, why: `it comes before ${startAt}` },
  )
}
