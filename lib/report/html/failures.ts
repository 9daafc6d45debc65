import type { Failure } from '../../events.ts'
import { formatFailure } from '../outcome-labels.ts'
import { findFailures } from '../recap.ts'
import type { RunState } from '../run-state.ts'
import { type Html, html } from './html.ts'

type Found = { readonly what: string; readonly error: Failure; readonly hosts: string[] }

/** Renders each failure once, with its hosts; nothing if there is no failure. */
export const renderFailures = (state: RunState): Html | null => {
  const found = new Map<string, Found>()
  for (const host of state.hosts.values())
    for (const [what, error] of findFailures(host)) {
      const key = JSON.stringify([what, error])
      const same = found.get(key) ?? { what, error, hosts: [] }
      same.hosts.push(host.name)
      found.set(key, same)
    }
  const { error } = state
  if (error) found.set('', { what: 'the script', error, hosts: [] })
  if (found.size === 0) return null
  return html`<section aria-labelledby="failed"><h2 id="failed">Failed</h2>
${[...found.values()].map(renderFailure)}</section>`
}

const renderFailure = ({ what, error, hosts }: Found): Html => {
  const { next, ...why } = error
  return html`<article class="failure"><h3>${what}</h3><p class="where">${hosts.join(', ')}</p>
<pre>${formatFailure(why).join('\n')}</pre>
${next === undefined ? null : html`<p>Next: ${next}</p>`}</article>
`
}
