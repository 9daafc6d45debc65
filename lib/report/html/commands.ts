import type { CommandState, HostState, RunState } from '../run-state.ts'
import { formatTime } from '../style.ts'
import { type Html, html } from './html.ts'

/** How many are shown at most; all are in events.jsonl. */
const most = 500

/** Renders the commands that the script ran between plays; nothing if it ran none. */
export const renderCommands = (state: RunState): Html | null => {
  const all = [...state.hosts.values()].flatMap(host =>
    host.commands.filter(isShown).map(command => ({ host, command })),
  )
  if (all.length === 0) return null
  const more = all.length - most
  return html`<section aria-labelledby="commands"><h2 id="commands">Commands</h2>
<div class="scroll" tabindex="0" role="region" aria-label="Commands">
<table class="commands">
<thead><tr><th scope="col">outcome</th><th scope="col">command</th><th scope="col">exit</th>
<th scope="col">host</th><th scope="col" class="n">took</th></tr></thead>
<tbody>${all.slice(0, most).map(renderRow)}</tbody></table></div>
${more > 0 ? html`<p>${more} more are in events.jsonl.</p>` : null}</section>`
}

const isShown = ({ quiet, outcome }: CommandState): boolean => !quiet || outcome !== 'ran'

const renderRow = (row: { readonly host: HostState; readonly command: CommandState }): Html => {
  const { command, outcome, exitCode, ms, output } = row.command
  const look = outcome === 'ran' ? 'ok' : outcome === 'lost' ? 'in-flight' : 'failed'
  const said = output.trim() === '' ? null : html`<pre>${output.trim()}</pre>`
  return html`<tr><td><span class="is ${look}">${outcome}</span></td>
<th scope="row"><code>${command}</code>${said}</th><td>${exitCode ?? '–'}</td>
<td>${row.host.name}</td><td class="n">${formatTime(ms)}</td></tr>
`
}
