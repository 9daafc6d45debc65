import { labels } from '../outcome-labels.ts'
import type { OpState } from '../run-state.ts'
import { type Html, html } from './html.ts'

/** Labels the outcome of an operation, also of one in a killed run. */
export const labelOutcome = ({ outcome, startedAt }: OpState): string =>
  outcome ? labels[outcome.is][0] : startedAt === undefined ? 'not started' : 'was running'

/** Names the outcome for its style and for the filter. */
export const nameOutcome = ({ outcome, startedAt }: OpState): string =>
  outcome?.is ?? (startedAt === undefined ? 'not-reached' : 'in-flight')

/** Renders the label in its colour. */
export const renderBadge = (op: OpState): Html =>
  html`<span class="is ${nameOutcome(op)}">${labelOutcome(op)}</span>`
