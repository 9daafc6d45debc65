import { InputError, type Problem } from '../errors/input-error.ts'
import { formatNames, formatSuggestion, suggest } from '../errors/suggest.ts'
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
  #isAnySelected = false
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
    const isSelected =
      (only.length === 0 || all.some(tag => only.includes(tag))) &&
      !all.some(tag => not.includes(tag))
    this.#isAnySelected ||= isSelected
    return isSelected
  }

  /**
   * Unselects what comes before the operation that the run starts at. Until a list contains that
   * operation, nothing is selected.
   */
  skipToStart<Host>(lists: readonly HostEntries<Host>[]): readonly HostEntries<Host>[] {
    const { startAt } = this.#flags
    const begun = startAt === undefined || this.#ids.has(startAt)
    for (const { op } of lists.flatMap(({ entries }) => entries))
      if (op.kind !== 'fact') this.#ids.add(op.id)
    return begun
      ? lists
      : lists.map(({ host, entries }) => ({ host, entries: unselectBefore(entries, startAt) }))
  }

  /**
   * Returns what was asked for and is nowhere in the lists so far as one InputError, or null. At
   * the end of a run these are all lists.
   */
  findUnmet(): InputError | null {
    const { only, not, startAt } = this.#flags
    const problems: Problem[] = [
      ...this.#findUnknownTags('--tags', only),
      ...this.#findUnknownTags('--skip-tags', not),
      ...(startAt === undefined || this.#ids.has(startAt) ? [] : [this.#explainStart(startAt)]),
    ]
    const isEmpty = this.#tags.size > 0 && !this.#isAnySelected
    if (problems.length === 0 && isEmpty)
      problems.push({ place: describeTags(this.#flags), message: 'selects no operation' })
    return problems.length > 0 ? new InputError(problems) : null
  }

  #findUnknownTags(flag: string, asked: readonly string[]): Problem[] {
    return asked
      .filter(tag => !this.#tags.has(tag))
      .map(tag => ({
        place: `${flag} ${tag}`,
        message: `no role or operation has this tag${formatSuggestion(tag, this.#tags)}`,
        ...(suggest(tag, this.#tags) === null && this.#tags.size > 0
          ? { next: `There are: ${formatNames(this.#tags)}.` }
          : {}),
      }))
  }

  /** Ids are `kind name`: the name alone, or a part of it, leads to the whole. */
  #explainStart(startAt: string): Problem {
    const near =
      suggest(startAt, this.#ids) ??
      [...this.#ids].find(id => id.endsWith(` ${startAt}`)) ??
      [...this.#ids].find(id => suggest(startAt, [id.slice(id.indexOf(' ') + 1)]) !== null) ??
      [...this.#ids].find(id => id.includes(startAt))
    return {
      place: `--start-at "${startAt}"`,
      message: `no operation has this id${near === undefined ? '' : `; did you mean "${near}"?`}`,
      next: '--list-tasks lists them.',
    }
  }
}

/** Known tags leave nothing only if some are skipped. */
const describeTags = ({ only, not }: SelectionFlags): string =>
  [...(only.length > 0 ? [`--tags ${only.join(',')}`] : []), `--skip-tags ${not.join(',')}`].join(
    ' ',
  )

const unselectBefore = (entries: readonly PlayEntry[], startAt: string): PlayEntry[] => {
  const start = entries.findIndex(({ op }) => op.id === startAt)
  return entries.map((entry, at) =>
    (start >= 0 && at >= start) || entry.op.kind === 'fact'
      ? entry
      : { ...entry, selected: false, why: `it comes before ${startAt}` },
  )
}
