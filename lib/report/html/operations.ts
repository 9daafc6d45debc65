import type { Diff } from '../../operation.ts'
import { diffLines, symbolOf } from '../diff.ts'
import { failureLines } from '../labels.ts'
import type { OpState, RunState } from '../state.ts'
import { paint, time } from '../style.ts'
import type { Group } from './groups.ts'
import { type Html, html } from './html.ts'
import { badge, nameOf, wordOf } from './outcome.ts'

/** Characters of diffs on one page: what is beyond them stands in events.jsonl. */
const most = 2_000_000

/** Every operation with how it ended, where, how long it took, and what it changed. */
export const operationsTable = (state: RunState, groups: readonly Group[]): Html => {
  let left = most
  const details = ({ op }: Group): Html | null => {
    const made =
      left > 0
        ? detailsOf(op)
        : html`<p>The page has enough differences as it is: this one stands in events.jsonl.</p>`
    left -= made?.text.length ?? 0
    return made
  }
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Operations"><table class="ops">
<thead><tr><th scope="col">outcome</th><th scope="col">operation</th><th scope="col">role</th><th scope="col">hosts</th><th scope="col" class="n">took</th></tr></thead>
<tbody>${groups.map(group => row(group, state, details(group)))}</tbody></table></div>`
}

const row = (group: Group, state: RunState, details: Html | null): Html => {
  const { op, ms } = group
  const title = html`<code>${op.kind} ${op.name}</code>${remark(op)}`
  return html`<tr id="${group.id}" data-is="${nameOf(op)}"><td>${badge(op)}</td><th scope="row">${details ? html`<details><summary>${title}</summary>${details}</details>` : title}</th><td>${roleOf(op, state)}</td><td>${hostsOf(group, state)}</td><td class="n">${ms > 0 ? time(ms) : null}</td></tr>
`
}

const roleOf = ({ play, role }: OpState, { plays }: RunState): string => {
  const name = plays[play]?.name ?? ''
  return plays.length < 2 || name === role || name === '' ? role : `${name}: ${role}`
}

const hostsOf = ({ hosts }: Group, state: RunState): Html => {
  const names = hosts.map(({ name }) => name)
  if (names.length <= 3) return html`${names.join(', ')}`
  const all =
    names.length === state.hosts.size ? `all ${names.length} hosts` : `${names.length} hosts`
  return html`<details><summary>${all}</summary>${names.join(', ')}</details>`
}

/** What else is to be said of an operation, behind its name. */
const remark = ({ outcome }: OpState): Html | null => {
  if (outcome?.is === 'changed' && !outcome.foreseen)
    return html` <small class="unsure">not foreseen</small>`
  if (outcome?.is === 'would-change' && outcome.disruptive)
    return html` <small class="unsure">disruptive: ${outcome.disruptive}</small>`
  return outcome && 'why' in outcome ? html` <small>${outcome.why}</small>` : null
}

const detailsOf = ({ outcome, planned }: OpState): Html | null => {
  if (outcome?.is === 'failed')
    return html`<pre>${failureLines(outcome.error).join('\n')}</pre>${planned ? diffOf(planned) : null}`
  if (outcome && 'diff' in outcome) return diffOf(outcome.diff)
  return outcome?.is === 'in-flight' || outcome === undefined
    ? planned
      ? diffOf(planned)
      : null
    : null
}

/** A diff, line by line as the terminal has it. */
const diffOf = (diff: Diff): Html | null =>
  diff.length === 0
    ? null
    : html`<pre class="diff" aria-label="${symbolOf(diff)} what differs">${diffLines(diff, paint(false)).map(line => html`<span class="${lookOf(line)}">${line}\n</span>`)}</pre>`

/** Lines of a text are indented: their sign is the third character. */
const lookOf = (line: string): string =>
  ({ '+': 'added', '-': 'removed', '@': 'quiet', '~': 'changed' })[
    line[line.startsWith('  ') ? 2 : 0] ?? ''
  ] ?? 'same'

/** The outcomes that the run has, each with its word and how many operations ended so. */
export const outcomesOf = (
  groups: readonly Group[],
): readonly (readonly [name: string, word: string, count: number])[] => {
  const found = new Map<string, readonly [string, string, number]>()
  for (const { op, hosts } of groups) {
    const name = nameOf(op)
    found.set(name, [name, wordOf(op), (found.get(name)?.[2] ?? 0) + hosts.length])
  }
  return [...found.values()]
}
