import type { BackupVerdict } from '../../backups/verdict.ts'
import { type Html, html } from '../../report/html/html.ts'
import type { Trend } from './trends.ts'

/** A night as a chart names it. */
export type ChartNight = { readonly day: string; readonly verdict: BackupVerdict | null }

/** The drawing's own units; the page stretches it to the width that there is. */
const [wide, high] = [300, 60]

/** The class of each verdict, for its colour. */
export const verdictLooks: Readonly<Record<BackupVerdict, string>> = {
  PASS: 'good',
  FAIL: 'bad',
  'COULD NOT VERIFY': 'unsure',
}

/**
 * Draws a trend from zero to its largest value as SVG, with a point for each night and a gap for
 * each one without a value. What it shows is also in its label, for readers who do not see it.
 */
export const renderTrend = (
  { name, values, format }: Trend,
  nights: readonly ChartNight[],
): Html => {
  const known = values.filter(value => value !== null)
  const [least, most] = [Math.min(...known), Math.max(...known)]
  const last = values.at(-1) ?? null
  const now = last === null ? 'not known' : format(last)
  const range = least === most ? '' : `, from ${format(least)} to ${format(most)}`
  const points = values.map((value, i) =>
    value === null ? null : ([x(i, values.length), y(value, most)] as const),
  )
  const dots = points.map((point, i) => {
    const night = nights[i]
    if (!point || !night) return null
    return html`<path class="dot ${lookOf(night)}" d="M${point[0]} ${point[1]}h0"><title>${
      night.day
    }: ${format(values[i] ?? 0)}</title></path>`
  })
  return html`<figure><figcaption>${name} <b>${now}</b></figcaption>
<svg role="img" aria-label="${name} over ${values.length} nights: tonight ${now}${range}"
 viewBox="0 0 ${wide} ${high}" preserveAspectRatio="none">
<path class="base" d="M0 ${high - 4}H${wide}"/><path class="trend" d="${joinPoints(points)}"/>${
    dots
  }</svg>
<p class="ends quiet"><span>${nights[0]?.day ?? ''}</span><span>max ${format(most)}</span><span>${
    nights.at(-1)?.day ?? ''
  }</span></p></figure>`
}

/** Draws a field for each night, in the colour of its verdict; pale if it has no verdict. */
export const renderVerdicts = (nights: readonly ChartNight[]): Html => {
  const count = (verdict: BackupVerdict): string =>
    `${nights.filter(night => night.verdict === verdict).length} ${verdict}`
  const counts = (['PASS', 'FAIL', 'COULD NOT VERIFY'] as const).map(count).join(', ')
  const part = 100 / Math.max(nights.length, 1)
  const fields = nights.map(
    (night, i) =>
      html`<rect class="${lookOf(night)}" x="${round(i * part)}%" width="${round(part)}%"><title>${
        night.day
      }: ${night.verdict ?? 'not verified'}</title></rect>`,
  )
  return html`<svg class="strip" role="img" aria-label="Verdicts of ${nights.length} nights: ${
    counts
  }">${fields}</svg>`
}

const lookOf = ({ verdict }: ChartNight): string => (verdict ? verdictLooks[verdict] : 'none')

const round = (value: number): number => Math.round(value * 100) / 100
const x = (i: number, count: number): number =>
  count === 1 ? wide / 2 : round(4 + (i / (count - 1)) * (wide - 8))
const y = (value: number, most: number): number =>
  round(high - 4 - (most > 0 ? value / most : 0) * (high - 10))

/** A line through neighbours; a night without a value begins a new one. */
const joinPoints = (points: readonly (readonly [number, number] | null)[]): string =>
  points
    .map((point, i) => (point ? `${i > 0 && points[i - 1] ? 'L' : 'M'}${point.join(' ')}` : ''))
    .join('')
