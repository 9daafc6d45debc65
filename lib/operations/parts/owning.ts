import type { Meta, Operation } from '../../operation.ts'

/**
 * An operation that owns paths on the host: a service can be restarted when what is at them
 * changes.
 */
export type Owning = Operation & {
  /** Absolute, on the host. */
  readonly paths: readonly string[]
}

/** The same kind of operation, which also says what paths it owns. */
export const owning =
  <Want extends object>(
    make: (want: Want, meta?: Meta) => Operation,
    paths: (want: Want) => readonly string[],
  ) =>
  (want: Want, meta: Meta = {}): Owning => ({ ...make(want, meta), paths: paths(want) })
