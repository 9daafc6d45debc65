import { labels } from '../labels.ts'
import type { OpState } from '../state.ts'
import { type Html, html } from './html.ts'

/**
 * How an operation ended, as a word of the page: also of a run that was killed before it could end.
 */
export const labelOutcome = ({ outcome, startedAt }: OpState): string =>
  outcome ? labels[outcome.is][0] : startedAt === undefined ? 'not begun' : 'was running'

/** The same as a name for its look and for the filter. */
export const nameOutcome = ({ outcome, startedAt }: OpState): string =>
  outcome?.is ?? (startedAt === undefined ? 'not-reached' : 'in-flight')

/** The word in its colour. */
export const renderBadge = (op: OpState): Html =>
  html`<span class="is ${nameOutcome(op)}">${labelOutcome(op)}</span>`
