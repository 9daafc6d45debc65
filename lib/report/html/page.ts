import { readFileSync } from 'node:fs'
import { formatTotals } from '../recap.ts'
import type { RunState } from '../run-state.ts'
import { renderCommands } from './commands.ts'
import { renderDocument } from './document.ts'
import { renderFailures } from './failures.ts'
import { createGroupLookup, groupOperations, type OperationGroup } from './groups.ts'
import { renderHosts } from './hosts.ts'
import { type Html, html } from './html.ts'
import { countOutcomes, renderOperations } from './operations.ts'
import { renderSlowest } from './slowest.ts'

/**
 * Renders the report of a run as one self-contained page, which loads nothing and runs only its own
 * script. `name` is that of the record's folder, which contains the start time.
 */
export const renderReportPage = (state: RunState, name: string): string => {
  const all = groupOperations(state)
  return renderDocument({
    title: `${judgeRun(state)[0]}: ${name}`,
    script: readFileSync(new URL('filter.mjs', import.meta.url), 'utf8'),
    body: html`${renderHead(state, name)}
<main>${renderFailures(state)}
<section aria-labelledby="hosts"><h2 id="hosts">Hosts</h2>
${renderHosts(state, createGroupLookup(all))}${legend}</section>
<section aria-labelledby="ops"><h2 id="ops">Operations</h2>
${renderFilter(all)}${renderOperations(state, all)}</section>
${renderCommands(state)}${renderSlowest(all)}${renderNotes(state)}</main>`,
  })
}

/** Judges the run: one label and its style. */
const judgeRun = ({ exitCode, check, hosts }: RunState): readonly [word: string, look: string] => {
  if (exitCode === undefined) return ['killed', 'bad']
  if (exitCode === 130) return ['interrupted', 'unsure']
  if (exitCode !== 0 && exitCode !== 3)
    return [
      [...hosts.values()].some(({ result }) => result === 'failed')
        ? 'failed'
        : exitCode === 4
          ? 'unreachable'
          : 'failed',
      'bad',
    ]
  return [check ? 'checked' : 'ok', 'good']
}

const renderHead = (state: RunState, name: string): Html => {
  const [, day, hour, minute, second, playbook = name] =
    /^(\d{4}-\d\d-\d\d)T(\d\d)-(\d\d)-(\d\d)-(.*)$/.exec(name) ?? []
  const [word, look] = judgeRun(state)
  const verdict = html`<span class="verdict ${look}">${word}</span>`
  const time = `${hour ?? ''}:${minute ?? ''}:${second ?? ''}`
  const began = html`<time datetime="${day ?? ''}T${time}Z">${day ?? ''} ${time} UTC</time>`
  return html`<header><h1>${state.playbook || playbook} ${verdict}</h1>
<p>${formatTotals(state)}.${state.check ? ' Check mode: nothing was changed.' : ''}</p>
${day === undefined ? null : html`<p class="quiet">Began ${began}</p>`}</header>`
}

const legend = html`<p class="legend quiet"><span class="connect">connects</span>
<span class="round">round trip</span><span class="changed">changes</span>
<span class="failed">fails</span><span class="in-flight">in flight</span></p>`

const renderFilter = (all: readonly OperationGroup[]): Html => {
  const boxes = countOutcomes(all).map(
    ([name, word, count]) =>
      html`<label><input type="checkbox" name="is" value="${name}" checked>${word}
<b>${count}</b></label>`,
  )
  return html`<form class="filter" role="search"><label>Search
<input type="search" id="search" autocomplete="off" placeholder="operation, host, text of a diff">
</label><fieldset><legend class="hidden">Outcomes</legend>${boxes}</fieldset>
<button type="button" id="unfold">Unfold all</button>
<output id="shown" for="search"></output></form>`
}

const renderNotes = ({ notes, faults }: RunState): Html | null => {
  const all = [
    ...notes.map(({ text, host }) => (host === undefined ? text : `${host}: ${text}`)),
    ...faults.map(text => `a bug of this program: ${text}`),
  ]
  const items = [...new Set(all)].map(text => html`<li>${text}</li>`)
  return all.length === 0
    ? null
    : html`<section aria-labelledby="notes"><h2 id="notes">Notes</h2><ul>${items}</ul></section>`
}
