import { formatTime } from '../style.ts'
import type { OperationGroup } from './groups.ts'
import { type Html, html } from './html.ts'

/** How many are listed at most. */
const most = 10

/** Renders the slowest operations; nothing if none took any time. */
export const renderSlowest = (groups: readonly OperationGroup[]): Html | null => {
  const slow = [...groups]
    .filter(({ ms }) => ms > 0)
    .sort((a, b) => b.ms - a.ms)
    .slice(0, most)
  if (slow.length === 0) return null
  return html`<section aria-labelledby="slow"><h2 id="slow">Slowest</h2>
<div class="scroll" tabindex="0" role="region" aria-label="Slowest operations">
<table class="slow">
<thead><tr><th scope="col" class="n">took</th><th scope="col">operation</th>
<th scope="col">hosts</th></tr></thead>
<tbody>${slow.map(renderRow)}</tbody></table></div></section>`
}

const renderRow = ({ id, op, hosts, ms }: OperationGroup): Html => {
  const names = hosts.map(({ name }) => name).join(', ')
  return html`<tr><td class="n">${hosts.length > 1 ? 'up to ' : ''}${formatTime(ms)}</td>
<th scope="row"><a href="#${id}"><code>${op.kind} ${op.name}</code></a></th>
<td>${hosts.length > 3 ? `${hosts.length} hosts` : names}</td></tr>
`
}
