import { readFileSync } from 'node:fs'
import type { BackupCheck } from '../../backups/verdict.ts'
import { renderDocument } from '../../report/html/document.ts'
import { type Html, html } from '../../report/html/html.ts'
import { makeSafe, sanitize } from '../../report/sanitize.ts'
import { formatCount, formatTime } from '../../report/style.ts'
import type { EnvironmentNight, Night } from '../night.ts'
import { summarizeProof } from './summarize-proof.ts'
import { type ChartNight, renderTrend, renderVerdicts, verdictLooks } from './trend-chart.ts'
import { listTrends } from './trends.ts'

/** Nights that are drawn at most. */
const MOST_NIGHTS = 60

/**
 * Renders a night as one self-contained page: every environment with its verdict, reasons and
 * checks, those with a fault first, and its trends over the nights `before`, the oldest first.
 */
export const renderNightPage = (shown: Night, before: readonly Night[]): string => {
  const night = sanitize(shown, makeSafe)
  const nights = sanitize([...before.slice(1 - MOST_NIGHTS), shown], makeSafe)
  const [word, look] = judgeNight(night)
  const day = night.began.slice(0, 10)
  const sorted = night.environments.toSorted((a, b) => rank(a) - rank(b))
  return renderDocument({
    title: `${word}: backups of ${day}`,
    style: readFileSync(new URL('night.css', import.meta.url), 'utf8'),
    body: html`<header><h1>Backups <span class="verdict ${look}">${word}</span></h1>
<p>${formatCount(night.environments.length, 'environment')} verified on ${night.host}.</p>
<p class="quiet"><time datetime="${night.began}">${day} ${night.began.slice(11, 16)}</time> to
<time datetime="${night.ended}">${night.ended.slice(11, 16)}</time> UTC,
version ${night.runnerVersion}</p></header>
<main>${sorted.map(one => renderEnvironment(one, night, nights))}</main>`,
  })
}

const judgeNight = ({ environments }: Night): readonly [word: string, look: string] => {
  const verdicts = environments.map(({ verdict }) => verdict)
  if (verdicts.includes('FAIL')) return ['FAIL', 'bad']
  const isPass = verdicts.length > 0 && verdicts.every(verdict => verdict === 'PASS')
  return isPass ? ['PASS', 'good'] : ['COULD NOT VERIFY', 'unsure']
}

const rank = ({ verdict }: EnvironmentNight): number =>
  ['FAIL', 'COULD NOT VERIFY', 'PASS'].indexOf(verdict)

const renderEnvironment = (
  one: EnvironmentNight,
  { ended }: Night,
  nights: readonly Night[],
): Html => {
  const { environment, cluster, verdict, reasons, backup } = one
  const look = verdictLooks[verdict]
  const list =
    reasons.length === 0
      ? null
      : html`<ul class="reasons">${reasons.map(reason => html`<li>${reason}</li>`)}</ul>`
  const days = nights.map(night => nameNight(night, environment))
  const trends = listTrends(nights, environment).map(trend => renderTrend(trend, days))
  return html`<section class="environment ${look}" aria-label="${environment}">
<h2>${environment} <span class="verdict ${look}">${verdict}</span>
<small>${cluster}${backup === null ? '' : `, ${backup}`}</small></h2>
${list}<p>${summarizeProof(one, ended)}</p>
${renderChecks(one)}${renderVerdicts(days)}<div class="trends">${trends}</div></section>
`
}

const nameNight = ({ began, environments }: Night, environment: string): ChartNight => ({
  day: began.slice(0, 10),
  verdict: environments.find(one => one.environment === environment)?.verdict ?? null,
})

const renderChecks = ({ checks, verdict }: EnvironmentNight): Html | null => {
  if (checks.length === 0) return null
  const passed = checks.filter(({ is }) => is === 'passed').length
  const table = html`<table class="checks"><thead><tr><th scope="col">outcome</th>
<th scope="col">check</th><th scope="col" class="n">took</th><th scope="col">found</th></tr></thead>
<tbody>${checks.map(renderCheck)}</tbody></table>`
  const title = `${passed} of ${formatCount(checks.length, 'check')} passed`
  return verdict === 'PASS'
    ? html`<details><summary>${title}</summary>${table}</details>`
    : html`<details open><summary>${title}</summary>${table}</details>`
}

const renderCheck = ({ name, is, detail, seconds }: BackupCheck): Html => html`<tr>
<td><span class="is ${is}">${is === 'unverified' ? 'not verified' : is}</span></td>
<th scope="row">${name}</th><td class="n">${seconds > 0 ? formatTime(seconds * 1000) : null}</td>
<td>${detail}</td></tr>
`
