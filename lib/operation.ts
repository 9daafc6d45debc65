import { type Deferred, Unknown } from './deferred.ts'
import { takeEnd } from './errors/excerpt.ts'
import { findLack } from './operation/lacks.ts'
import * as parts from './operation/made.ts'
import { addPlace, checkDefinition, checkOptions, makeParts } from './operation/options.ts'
import type { Output } from './operation/output.ts'
import { formatShown, revealShown, type Shown } from './operation/shown.ts'
import type { Secret } from './secret.ts'
import type { Sh } from './sh.ts'

export { Unknown } from './deferred.ts'
export type { Output } from './operation/output.ts'

/** One property that differs, as a person reads it: already redacted. `null` is absent. */
export type Difference = {
  readonly key: string
  readonly before: string | null
  readonly after: string | null
  /** Long text (a file's content): shown as a line diff under --diff. */
  readonly text?: true
}
export type Diff = readonly Difference[]

/** Data for a change's stdin. A Secret in it is revealed only while it is written to the host. */
export type Payload = string | Buffer | Secret | readonly (string | Buffer | Secret)[]

/** A change to one thing, and the differences that it removes. */
export type Change = {
  readonly diff: Diff
  /** Run as root in a separate subshell, from /, umask 077, LC_ALL=C. Exit 0 is success. */
  readonly apply: Sh
  readonly stdin?: Payload
  /** Makes both anew when they are sent (a signature). A saved plan compares those above. */
  readonly renew?: () => Pick<Change, 'apply' | 'stdin'>
  /** Deadline in seconds, besides what a line of 1 Mbit/s needs for stdin. Default 60. */
  readonly seconds?: number
  /**
   * Why other work on the host is disturbed by it (a restart of Docker): refused without
   * --allow-disruption.
   */
  readonly disruptive?: string
  /**
   * The change ends the link on purpose: the seconds within which the host is back and the
   * operation no longer differs. Default: a lost link is a fault.
   */
  readonly rebootSeconds?: number
  /** It only watches what goes on without it: made again until that ends, for so many seconds. */
  readonly watchSeconds?: number
  /** It may lock this run out: `apply` waits until the runner has logged in anew, from outside. */
  readonly provenByLogin?: true
}

/** What a plan may know besides `now` and `want`. */
export type Context = {
  /** True if this operation, listed earlier, has a change in the same batch. */
  readonly pending: (operation: Operation) => boolean
  /** True if an operation listed earlier has a change pending that makes this. See `makes`. */
  readonly promised?: (thing: string) => boolean
}

/**
 * One thing that should be true of a host. A plain value. Its id is its kind and its name.
 */
export interface Operation {
  readonly kind: string
  readonly name: string
  readonly id: string
  /**
   * Unique in what is played on a host: its id, or that of the operation that it is derived from
   * (a template is a file).
   */
  readonly key: string
  readonly tags: readonly string[]
  /** Deadline of its probe in seconds. */
  readonly probeSeconds: number
  readonly probe: Sh
  /**
   * Values that its host provides to others (a join token). The runner rejects them if the host
   * ends without providing them.
   */
  readonly provides: readonly Deferred<unknown>[]
  /** What its change makes: `folder /a`, `below /a` (what comes with it), `user b`, `group b`. */
  readonly makes?: readonly string[]
  /** Operations that its options name (`restartOn`), which are listed before it. */
  readonly follows?: readonly parts.Followed<Operation>[]
  /** Pure: read and plan, closed over `want`. */
  readonly decide: (out: Output, context: Context) => Change | Unknown | null
}

export type Meta = { readonly tags?: readonly string[] }

/**
 * An operation that owns paths on the host: a service can be restarted when what is at them
 * changes.
 */
export type OperationWithPaths = Operation & {
  /** Absolute, on the host. */
  readonly paths: readonly string[]
}

/** How an operation reads and changes one thing. */
export type Body<Want, Now, Paths = unknown> = {
  /** Distinguishes this operation from others of its kind: a path, a unit, a package set. */
  readonly name: (want: Want) => string
  /** The files that it owns, absolute. With them it can be named in `restartOn` and the like. */
  readonly paths?: Paths & ((want: Want) => readonly string[])
  /** Only reads. Prints what the operation owns, and a word if it is absent. See `renewed`. */
  readonly probe: (want: Want) => Sh
  readonly read: (out: Output, want: Want) => Now | Unknown
  readonly plan: (now: NoInfer<Now>, want: Want, context: Context) => Change | Unknown | null
  /** Deadline of the probe in seconds. Default 15. */
  readonly probeSeconds?: number
  /** What its change makes that operations listed later may need. Default: nothing. */
  readonly makes?: (want: Want) => readonly string[]
  /** Values that this operation provides to other hosts once it has read them. */
  readonly provides?: (want: Want) => readonly Deferred<unknown>[]
}

/** An operation that works with its options as they are given. */
export type Definition<Want, Now, Paths = unknown> = Body<Want, Now, Paths> & {
  /** Throws an InputError for a value that cannot be right. Its place is added. */
  readonly check?: (want: Want) => void
  readonly want?: undefined
  readonly from?: undefined
}

/** An operation that works with more than its options: with their defaults, with a file's text. */
export type Completed<Options, Want, Now, Paths = unknown> = Body<Want, Now, Paths> & {
  readonly check?: (options: Options) => void
  /** What the options ask for, in full. It may throw as `check` may. */
  readonly want: (options: Options) => Want
  readonly from?: undefined
}

/** An operation that is another one, or a list of others, with other options. */
export type Derived<Options, Made> = {
  readonly check?: (options: Options) => void
  /** One operation is shown under the derived kind; those of a list keep their own. */
  readonly from: (options: Options, meta: Meta) => Made
  readonly want?: undefined
}

/** A kind of operation: a function from its options to the operation's value. */
export type OperationKind<Options, Made> = (Record<never, never> extends Options
  ? (options?: Options, meta?: Meta) => Made
  : (options: Options, meta?: Meta) => Made) & {
  /** As a playbook calls it, such as `apt.packages`. */
  readonly kind: string
}

type Single<Paths> = unknown extends Paths ? Operation : OperationWithPaths

/**
 * Makes a kind of operation. Its name is the one that a playbook calls it by: errors, output, flags
 * and the reference all say `apt.packages`. Its options are checked when the playbook runs.
 *
 * The order of the properties is a house rule, for inference: `check` or `want`, `read`, `plan`.
 */
export function operation<Want extends object, Now, Paths = unknown>(
  kind: string,
  definition: Definition<Want, Now, Paths>,
): OperationKind<Want, Single<Paths>>
export function operation<Options extends object, Want extends object, Now, Paths = unknown>(
  kind: string,
  definition: Completed<Options, Want, Now, Paths>,
): OperationKind<Options, Single<Paths>>
export function operation<Options extends object, Made extends Operation | readonly Operation[]>(
  kind: string,
  definition: Derived<Options, Made>,
): OperationKind<Options, Made>
export function operation(kind: string, definition: AnyDefinition): OperationKind<object, unknown> {
  const make = (given: object = {}, meta: Meta = {}): unknown =>
    addPlace(
      kind,
      given,
      () => {
        checkDefinition(kind, definition)
        checkOptions(kind, given, meta)
        const options = parts.dropUndefined(given)
        definition.check?.(options)
        const made = definition.from
          ? makeParts(kind, () => parts.renameKind<Operation>(kind, definition.from(options, meta)))
          : makeOperation(kind, definition, definition.want?.(options) ?? options, meta)
        return parts.addTags(parts.addFollowed<Operation>(made, options), meta.tags ?? [])
      },
      name => parts.makeStandIn(kind, name),
    )
  return Object.assign(make, { kind })
}

type AnyDefinition =
  | Definition<object, unknown>
  | Completed<object, object, unknown>
  | Derived<object, Operation | readonly Operation[]>

const makeOperation = (
  kind: string,
  definition: Body<object, unknown, unknown>,
  want: object,
  meta: Meta,
): Operation => {
  const name = definition.name(want)
  const id = `${kind} ${name}`
  return {
    kind,
    name,
    id,
    key: id,
    tags: meta.tags ?? [],
    probeSeconds: definition.probeSeconds ?? 15,
    probe: definition.probe(want),
    provides: definition.provides?.(want) ?? [],
    ...(definition.paths ? { paths: definition.paths(want) } : {}),
    ...(definition.makes ? { makes: definition.makes(want) } : {}),
    decide: (out, context) => {
      const lack = findLack(out, context.promised)
      if (lack) return lack
      const now = definition.read(out, want)
      return now instanceof Unknown ? now : definition.plan(now, want, context)
    },
  }
}

/** For `read`: an Unknown that says how the probe failed. A failed probe is never "absent". */
export const unreadable = (out: Output, what = 'the probe failed'): Unknown => {
  const said = takeEnd(out.stderr.trim().split('\n').slice(-3).join(' '), 300)
  return new Unknown(`${what} (exit ${out.exitCode})${said ? `: ${said}` : ''}`)
}

/**
 * The properties of `want` that `now` does not have, in the order of `want`. `undefined` in `want`
 * means "leave it as it is"; `now` null means that the whole thing is absent. Secrets show as their
 * names.
 */
export const differences = (
  now: Readonly<Record<string, Shown>> | null,
  want: Readonly<Record<string, Shown>>,
): Diff =>
  Object.entries(want).flatMap(([key, after]) => {
    const before = now?.[key] ?? null
    if (after === undefined || revealShown(before) === revealShown(after)) return []
    return [{ key, before: formatShown(before), after: formatShown(after) }]
  })

/** A change if there is a difference, otherwise null. */
export const change = (
  diff: Diff,
  apply: Sh,
  rest: Omit<Change, 'diff' | 'apply'> = {},
): Change | null => (diff.length === 0 ? null : { diff, apply, ...rest })
