import { formatTime } from '../style.ts'
import { type Html, html } from './html.ts'

/** A time axis: the position of a moment in percent, and the marks. */
export type Axis = {
  readonly at: (ms: number) => string
  /** The width from one moment to another. */
  readonly wide: (from: number, until: number) => string
  readonly marks: readonly number[]
}

/** Steps between two marks, in milliseconds. */
const steps = [
  1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 15_000, 30_000, 60_000, 120_000,
  300_000, 600_000, 1_800_000, 3_600_000,
]
/** How many marks there are at most. */
const most = 6

/** Creates an axis from the start of the run to `ms` milliseconds after it. */
export const createAxis = (ms: number): Axis => {
  const whole = Math.max(ms, 1)
  const percent = (part: number): string =>
    `${Math.round((Math.min(Math.max(part, 0), whole) / whole) * 10_000) / 100}%`
  const step = steps.find(step => whole / step <= most) ?? Math.ceil(whole / most)
  return {
    at: percent,
    wide: (from, until) => percent(Math.max(0, Math.min(until, whole) - from)),
    marks: Array.from({ length: Math.floor(whole / step) }, (_, i) => (i + 1) * step),
  }
}

/** Renders the labels of the axis, above its rows. */
export const renderAxisHead = ({ marks, at }: Axis): Html => {
  const labels = marks.map(ms => {
    const time = formatTime(ms).replace(/(?<=min) 0 s$/, '')
    return html`<text x="${at(ms)}" y="1em">${time}</text>`
  })
  return html`<svg class="axis" aria-hidden="true">${labels}</svg>`
}

/** Renders a thin line through a row for each mark. */
export const renderAxisLines = ({ marks, at }: Axis): Html =>
  html`${marks.map(ms => html`<line x1="${at(ms)}" x2="${at(ms)}" y1="0" y2="100%"/>`)}`
