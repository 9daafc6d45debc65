import type { Deferred } from '../../deferred.ts'
import { operation, Unknown, unreadable } from '../../operation.ts'
import type { Sh } from '../../sh.ts'

/**
 * A property of a host that a playbook may decide by. A plain value; it is read only if a play asks
 * for it.
 */
export type Fact<T> = {
  readonly name: string
  /** Only reads. Prints a word for "absent": an empty answer never means that. */
  readonly probe: Sh
  /**
   * Pure: from what the probe printed with exit 0 to the value, or to an Unknown that says what was
   * not understood.
   */
  readonly read: (printed: string) => T | Unknown
}

/** Facts under the names by which a playbook knows them. */
export type Facts = Readonly<Record<string, Fact<unknown>>>

/** What a list needs to know of its host before it is made. */
export type FactOptions<F extends Facts> = {
  /** Facts of lib/facts.ts under names of your own. They cost one round trip. */
  readonly facts: F
  /**
   * Minutes for which cached facts are used; the recap says so. Default: facts are read each time.
   * @range 0 or more, with fractions
   */
  readonly factsCache?: number
}

/** The values of such facts. */
export type FactValues<F extends Facts> = {
  readonly [K in keyof F]: F[K] extends Fact<infer T> ? T : never
}

/** What a fact's probe printed, and the value that was read from it. */
export type FactValue = { readonly printed: string; readonly value: unknown }

/**
 * Makes an operation that reads the fact, changes nothing and provides the value. A host on which
 * the fact cannot be read has failed, and the error names the fact.
 */
export const factOperation = operation('fact', {
  name: ({ fact }: ProvidedFact) => fact.name,
  probe: ({ fact }) => fact.probe,
  read: (out, { fact, provides }): FactValue | Unknown => {
    const printed = out.stdout.toString()
    const value = out.exitCode === 0 ? fact.read(printed) : unreadable(out)
    if (value instanceof Unknown) return value
    provides.provide({ printed, value })
    return { printed, value }
  },
  plan: () => null,
  provides: ({ provides }) => [provides],
})

type ProvidedFact = { readonly fact: Fact<unknown>; readonly provides: Deferred<FactValue> }
