import { InputError } from '../errors/input-error.ts'
import { formatSuggestion } from '../errors/suggest.ts'
import type { Operation } from '../operation.ts'
import type { PlayEntry } from './play-entries.ts'

export type SelectionFlags = {
  /** Only operations with one of these tags or of one of these roles. Empty: all. */
  readonly only: readonly string[]
  readonly not: readonly string[]
  /** Id of the operation that the run starts at. Default: the first. */
  readonly startAt?: string
}

/** A host's entries. */
export type HostEntries<Host> = { readonly host: Host; readonly entries: readonly PlayEntry[] }

/** Selects what is played of the lists of a run: by tags, and from an operation on. */
export class Selection {
  readonly #flags: SelectionFlags
  readonly #tags = new Set<string>()
  readonly #ids = new Set<string>()
  constructor(flags: SelectionFlags) {
    this.#flags = flags
  }

  /** Whether the tags select an operation. */
  readonly selects = (role: string, { kind, tags }: Operation): boolean => {
    // A list made from facts needs them, whatever is selected of it.
    if (kind === 'fact') return true
    const { only, not } = this.#flags
    const all = [role, ...tags]
    for (const tag of all) this.#tags.add(tag)
    return (
      (only.length === 0 || all.some(tag => only.includes(tag))) &&
      !all.some(tag => not.includes(tag))
    )
  }

  /**
   * Unselects what comes before the operation that the run starts at. Until a list contains that
   * operation, nothing is selected.
   */
  skipToStart<Host>(lists: readonly HostEntries<Host>[]): readonly HostEntries<Host>[] {
    const { startAt } = this.#flags
    const begun = startAt === undefined || this.#ids.has(startAt)
    for (const { entries } of lists) for (const { op } of entries) this.#ids.add(op.id)
    return begun
      ? lists
      : lists.map(({ host, entries }) => ({ host, entries: unselectBefore(entries, startAt) }))
  }

  /** Returns what was asked for and is nowhere in the run as one InputError, or null. */
  findUnmet(): InputError | null {
    const { only, not, startAt } = this.#flags
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

const unselectBefore = (entries: readonly PlayEntry[], startAt: string): PlayEntry[] => {
  const start = entries.findIndex(({ op }) => op.id === startAt)
  return entries.map((entry, at) =>
    (start >= 0 && at >= start) || entry.op.kind === 'fact'
      ? entry
      : { ...entry, selected: false, why: `it comes before ${startAt}` },
  )
}
