import type { Deferred } from '../../deferred.ts'
import { operation, Unknown, unreadable } from '../../operation.ts'
import type { Sh } from '../../sh.ts'

/**
 * Something about a host that a playbook may decide by. A plain value; it is read only where a play
 * asks for it.
 */
export type Fact<T> = {
  readonly name: string
  /**
   * Only reads. Prints a word where there is nothing to tell: an empty answer is never "absent".
   */
  readonly probe: Sh
  /**
   * Pure: from what the probe printed with exit 0 to the value, or to an Unknown that says what was
   * not understood.
   */
  readonly read: (printed: string) => T | Unknown
}

/** Facts under the names by which a playbook knows them. */
export type Facts = Readonly<Record<string, Fact<unknown>>>

/** The values of such facts. */
export type FactValues<F extends Facts> = {
  readonly [K in keyof F]: F[K] extends Fact<infer T> ? T : never
}

/** What a fact's probe printed, and the value that was read from it. */
export type FactValue = { readonly printed: string; readonly value: unknown }

/**
 * The fact as an operation that changes nothing and gives what it knows. A host on which it cannot
 * be read has failed, and the error names it.
 */
export const factOperation = operation('fact', {
  name: ({ fact }: ProvidedFact) => fact.name,
  probe: ({ fact }) => fact.probe,
  read: (out, { fact, provides }): FactValue | Unknown => {
    const printed = out.stdout.toString()
    const value = out.rc === 0 ? fact.read(printed) : unreadable(out)
    if (value instanceof Unknown) return value
    provides.provide({ printed, value })
    return { printed, value }
  },
  plan: () => null,
  provides: ({ provides }) => [provides],
})

type ProvidedFact = { readonly fact: Fact<unknown>; readonly provides: Deferred<FactValue> }
