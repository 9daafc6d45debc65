import type { HostState, OpState, RunState } from '../state.ts'
import { count, time } from '../style.ts'
import { cell, columns } from '../table.ts'
import { type Axis, axis, axisHead, axisLines } from './axis.ts'
import type { Group } from './groups.ts'
import { type Html, html } from './html.ts'
import { nameOf, wordOf } from './outcome.ts'

type GroupOf = (host: HostState, op: OpState) => Group | undefined

/** The recap: a row a host, with what it did when. */
export const hostsTable = (state: RunState, groupOf: GroupOf): Html => {
  const along = axis(state.ms ?? state.at)
  const rows = [...state.hosts.values()].map(host => ({ name: host.name, hosts: [host] }))
  const used = columns(rows, state.check)
  const head = used.map(({ title }) => html`<th scope="col" class="n">${title}</th>`)
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Hosts"><table class="hosts">
<thead><tr><th scope="col">host</th>${head}<th scope="col" class="when"><span class="hidden">when</span>${axisHead(along)}</th></tr></thead>
<tbody>${rows.map(row => {
    const host = row.hosts[0] as HostState
    const numbers = used.map(
      column =>
        html`<td data-title="${column.title}" class="n ${cell(column, row) === '-' ? 'none' : column.mark}">${cell(column, row)}</td>`,
    )
    return html`<tr class="${host.result ?? 'lost'}" data-host="${host.name}"><th scope="row">${host.name}</th>${numbers}<td class="when">${lane(host, along, state, groupOf)}</td></tr>
`
  })}</tbody></table></div>`
}

/** What a host did when: connecting, its round trips, and in them its changes. */
const lane = (host: HostState, along: Axis, state: RunState, groupOf: GroupOf): Html => {
  const { connectedAt: at, connectedMs: ms } = host
  const connecting =
    at === undefined || ms === undefined
      ? null
      : bar(along, 'connect', at - ms, at, `connected in ${time(ms)}`)
  const rounds = host.rounds.map(({ from, until = state.at, changes }, i) =>
    bar(
      along,
      'round',
      from,
      until,
      `round trip ${i + 1}${changes > 0 ? `, ${count(changes, 'change')}` : ''}: ${time(until - from)}`,
    ),
  )
  const done = host.ops.filter(op => op.startedAt !== undefined)
  return html`<svg role="img" aria-label="${said(host, done.length)}">${axisLines(along)}${connecting}${rounds}${done.map(op => change(host, op, along, state, groupOf))}</svg>`
}

const said = ({ name, rounds, ms = 0 }: HostState, changes: number): string =>
  `${name}: ${count(changes, 'change')} in ${count(rounds.length, 'round trip')}, ${time(ms)}. The table of operations has each of them.`

const change = (
  host: HostState,
  op: OpState,
  along: Axis,
  state: RunState,
  groupOf: GroupOf,
): Html => {
  const from = op.startedAt ?? 0
  const until = op.ms === undefined ? state.at : from + op.ms
  const shape = bar(
    along,
    nameOf(op),
    from,
    until,
    `${op.kind} ${op.name}: ${wordOf(op)}, ${time(until - from)}`,
  )
  const group = groupOf(host, op)
  return group ? html`<a href="#${group.id}" tabindex="-1">${shape}</a>` : shape
}

const bar = ({ at, wide }: Axis, look: string, from: number, until: number, title: string): Html =>
  html`<rect class="${look}" x="${at(from)}" width="${wide(from, until)}"><title>${title}</title></rect>`
