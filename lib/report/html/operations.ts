import type { Diff } from '../../operation.ts'
import { chooseSymbol, formatDiff } from '../diff.ts'
import { formatFailure } from '../outcome-labels.ts'
import type { OpState, RunState } from '../run-state.ts'
import { createPaint, formatTime } from '../style.ts'
import type { OperationGroup } from './groups.ts'
import { type Html, html } from './html.ts'
import { labelOutcome, nameOutcome, renderBadge } from './outcome.ts'

/** Characters of diffs on one page. Further ones are only in events.jsonl. */
const most = 2_000_000

/** Renders every operation with its outcome, hosts, time and changes. */
export const renderOperations = (state: RunState, groups: readonly OperationGroup[]): Html => {
  let left = most
  const details = ({ op }: OperationGroup): Html | null => {
    const made =
      left > 0
        ? renderDetails(op)
        : html`<p>The page has too many differences. This one is in events.jsonl.</p>`
    left -= made?.text.length ?? 0
    return made
  }
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Operations">
<table class="ops">
<thead><tr><th scope="col">outcome</th><th scope="col">operation</th><th scope="col">role</th>
<th scope="col">hosts</th><th scope="col" class="n">took</th></tr></thead>
<tbody>${groups.map(group => renderRow(group, state, details(group)))}</tbody></table></div>`
}

const renderRow = (group: OperationGroup, state: RunState, details: Html | null): Html => {
  const { op, ms } = group
  const title = html`<code>${op.kind} ${op.name}</code>${renderRemark(op)}`
  const heading = details ? html`<details><summary>${title}</summary>${details}</details>` : title
  return html`<tr id="${group.id}" data-is="${nameOutcome(op)}"><td>${renderBadge(op)}</td>
<th scope="row">${heading}</th><td>${describeRole(op, state)}</td>
<td>${renderHostNames(group, state)}</td><td class="n">${ms > 0 ? formatTime(ms) : null}</td></tr>
`
}

const describeRole = ({ play, role }: OpState, { plays }: RunState): string => {
  const name = plays[play]?.name ?? ''
  return plays.length < 2 || name === role || name === '' ? role : `${name}: ${role}`
}

const renderHostNames = ({ hosts }: OperationGroup, state: RunState): Html => {
  const names = hosts.map(({ name }) => name)
  if (names.length <= 3) return html`${names.join(', ')}`
  const all =
    names.length === state.hosts.size ? `all ${names.length} hosts` : `${names.length} hosts`
  return html`<details><summary>${all}</summary>${names.join(', ')}</details>`
}

/** Renders the remark behind the name of an operation. */
const renderRemark = ({ outcome }: OpState): Html | null => {
  if (outcome?.is === 'changed' && !outcome.foreseen)
    return html` <small class="unsure">not foreseen</small>`
  if (outcome?.is === 'would-change' && outcome.disruptive)
    return html` <small class="unsure">disruptive: ${outcome.disruptive}</small>`
  return outcome && 'why' in outcome ? html` <small>${outcome.why}</small>` : null
}

const renderDetails = ({ outcome, planned }: OpState): Html | null => {
  if (outcome?.is === 'failed')
    return html`<pre>${formatFailure(outcome.error).join('\n')}</pre>
${planned ? renderDiff(planned) : null}`
  if (outcome && 'diff' in outcome) return renderDiff(outcome.diff)
  return outcome?.is === 'in-flight' || outcome === undefined
    ? planned
      ? renderDiff(planned)
      : null
    : null
}

/** Renders a diff line by line, as on the terminal. */
const renderDiff = (diff: Diff): Html | null => {
  if (diff.length === 0) return null
  const lines = formatDiff(diff, createPaint(false)).map(
    line => html`<span class="${classifyLine(line)}">${line}\n</span>`,
  )
  return html`<pre class="diff" aria-label="${chooseSymbol(diff)} what differs">${lines}</pre>`
}

/** Classifies a line of a diff. Lines of a text are indented: their sign is the third character. */
const classifyLine = (line: string): string =>
  ({ '+': 'added', '-': 'removed', '@': 'quiet', '~': 'changed' })[
    line[line.startsWith('  ') ? 2 : 0] ?? ''
  ] ?? 'same'

/** Counts the outcomes of a run, each with its label. */
export const countOutcomes = (
  groups: readonly OperationGroup[],
): readonly (readonly [name: string, word: string, count: number])[] => {
  const found = new Map<string, readonly [string, string, number]>()
  for (const { op, hosts } of groups) {
    const name = nameOutcome(op)
    found.set(name, [name, labelOutcome(op), (found.get(name)?.[2] ?? 0) + hosts.length])
  }
  return [...found.values()]
}
