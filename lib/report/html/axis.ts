import { formatTime } from '../style.ts'
import { type Html, html } from './html.ts'

/** A time axis: where a moment stands on it, in percent, and its marks. */
export type Axis = {
  readonly at: (ms: number) => string
  /** From one moment to another. Never nothing. */
  readonly wide: (from: number, until: number) => string
  readonly marks: readonly number[]
}

/** Steps between two marks, in milliseconds. */
const steps = [
  1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 15_000, 30_000, 60_000, 120_000,
  300_000, 600_000, 1_800_000, 3_600_000,
]
/** Marks at most. */
const most = 6

/** An axis from the start of the run to so many milliseconds after it. */
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

/** The words of the axis, above its rows. */
export const renderAxisHead = ({ marks, at }: Axis): Html =>
  html`<svg class="axis" aria-hidden="true">${marks.map(ms => html`<text x="${at(ms)}" y="1em">${formatTime(ms).replace(/(?<=min) 0 s$/, '')}</text>`)}</svg>`

/** A thin line for each mark, through a row. */
export const renderAxisLines = ({ marks, at }: Axis): Html =>
  html`${marks.map(ms => html`<line x1="${at(ms)}" x2="${at(ms)}" y1="0" y2="100%"/>`)}`
