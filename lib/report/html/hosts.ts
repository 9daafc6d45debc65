import type { HostState, OpState, RunState } from '../run-state.ts'
import { formatCount, formatTime } from '../style.ts'
import { chooseColumns, formatCell } from '../table.ts'
import { type Axis, createAxis, renderAxisHead, renderAxisLines } from './axis.ts'
import type { OperationGroup } from './groups.ts'
import { type Html, html } from './html.ts'
import { labelOutcome, nameOutcome } from './outcome.ts'

type GroupOf = (host: HostState, op: OpState) => OperationGroup | undefined

/** Renders the recap: a row per host, with its timeline. */
export const renderHosts = (state: RunState, groupOf: GroupOf): Html => {
  const along = createAxis(state.ms ?? state.at)
  const rows = [...state.hosts.values()].map(host => ({ name: host.name, hosts: [host] }))
  const used = chooseColumns(rows, state.check)
  const head = used.map(({ title }) => html`<th scope="col" class="n">${title}</th>`)
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Hosts">
<table class="hosts"><thead><tr><th scope="col">host</th>${head}<th scope="col" class="when">
<span class="hidden">when</span>${renderAxisHead(along)}</th></tr></thead>
<tbody>${rows.map(row => {
    const host = row.hosts[0] as HostState
    const numbers = used.map(
      column =>
        html`<td data-title="${column.title}" class="n ${
          formatCell(column, row) === '-' ? 'none' : column.mark
        }">${formatCell(column, row)}</td>`,
    )
    return html`<tr class="${host.result ?? 'lost'}" data-host="${host.name}">
<th scope="row">${host.name}</th>${numbers}
<td class="when">${renderLane(host, along, state, groupOf)}</td></tr>
`
  })}</tbody></table></div>`
}

/** Renders the timeline of a host: connecting, its round trips, and their changes. */
const renderLane = (host: HostState, along: Axis, state: RunState, groupOf: GroupOf): Html => {
  const { connectedAt: at, connectedMs: ms } = host
  const connecting =
    at === undefined || ms === undefined
      ? null
      : renderBar(along, 'connect', at - ms, at, `connected in ${formatTime(ms)}`)
  const rounds = host.rounds.map(({ from, until = state.at, changes }, i) => {
    const made = changes > 0 ? `, ${formatCount(changes, 'change')}` : ''
    const title = `round trip ${i + 1}${made}: ${formatTime(until - from)}`
    return renderBar(along, 'round', from, until, title)
  })
  const started = host.ops.filter(op => op.startedAt !== undefined)
  const changes = started.map(op => renderChange(host, op, along, state, groupOf))
  return html`<svg role="img" aria-label="${describeLane(host, started.length)}">
${renderAxisLines(along)}${connecting}${rounds}${changes}</svg>`
}

const describeLane = ({ name, rounds, ms = 0 }: HostState, changes: number): string =>
  `${name}: ${formatCount(changes, 'change')} in ${formatCount(rounds.length, 'round trip')}, ` +
  `${formatTime(ms)}. The table of operations lists each of them.`

const renderChange = (
  host: HostState,
  op: OpState,
  along: Axis,
  state: RunState,
  groupOf: GroupOf,
): Html => {
  const from = op.startedAt ?? 0
  const until = op.ms === undefined ? state.at : from + op.ms
  const shape = renderBar(
    along,
    nameOutcome(op),
    from,
    until,
    `${op.kind} ${op.name}: ${labelOutcome(op)}, ${formatTime(until - from)}`,
  )
  const group = groupOf(host, op)
  return group ? html`<a href="#${group.id}" tabindex="-1">${shape}</a>` : shape
}

const renderBar = (
  { at, wide }: Axis,
  look: string,
  from: number,
  until: number,
  title: string,
): Html =>
  html`<rect class="${look}" x="${at(from)}" width="${wide(from, until)}">
<title>${title}</title></rect>`
