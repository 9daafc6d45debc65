import type { Event } from '../events.ts'

/** Characters of an operation's output that are shown while it runs. */
const MOST = 256 * 1024

type Printed = Extract<Event, { type: 'op-output' }>
type OfOperation = { readonly host: string; readonly op: number }

/**
 * Joins the parts of what running operations print, so that a secret which lies in two of them is
 * recognized: `overlap` tells how many characters at a text's end may be the beginning of one.
 * These
 * wait for the next part, or for the end.
 */
export class LiveOutput {
  readonly #overlap: (text: string) => number
  readonly #all = new Map<string, { rest: string; shown: number }>()
  constructor(overlap: (text: string) => number) {
    this.#overlap = overlap
  }

  /** Returns what may be shown of a part, or null. Of more than 256 KiB the end is left out. */
  take(event: Printed): Printed | null {
    const of = this.#all.get(keyOf(event)) ?? { rest: '', shown: 0 }
    this.#all.set(keyOf(event), of)
    const text = of.rest + event.text
    const whole = text.length - this.#overlap(text)
    of.rest = text.slice(whole)
    return this.#show(event, of, text.slice(0, whole))
  }

  /** Returns what an operation that ended had left, or null. */
  end(event: OfOperation, at: number): Printed | null {
    const of = this.#all.get(keyOf(event))
    this.#all.delete(keyOf(event))
    const { host, op } = event
    return of ? this.#show({ type: 'op-output', host, op, at, text: '' }, of, of.rest) : null
  }

  #show(event: Printed, of: { shown: number }, text: string): Printed | null {
    if (text === '' || of.shown > MOST) return null
    of.shown += text.length
    return { ...event, text: of.shown > MOST ? `${text}\n… (more is not shown)\n` : text }
  }
}

const keyOf = ({ host, op }: OfOperation): string => `${op} ${host}`
