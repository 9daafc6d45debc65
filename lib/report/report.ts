import type { Event } from '../events.ts'
import { createJsonView } from './json.ts'
import { createPlainView } from './plain.ts'
import { reduce } from './reduce.ts'
import { escapeControls, type Sanitizer, sanitize } from './sanitize.ts'
import { createRunState, type RunState } from './state.ts'
import { createPaint } from './style.ts'
import { createTerminalView } from './terminal.ts'
import type { Out, View } from './view.ts'

export type ScreenOptions = {
  /** `auto`: the terminal view where a person looks, otherwise plain lines. */
  readonly kind: 'auto' | 'plain' | 'terminal' | 'json'
  readonly stdout: Out
  readonly isTTY: boolean
  /** Width of the terminal in characters; 0, which some terminals say, is 80. */
  readonly columns: number
  /** Show each change in full (--diff). */
  readonly diff: boolean
  /** Tell also what changed nothing (-v): line by line, on a terminal too. */
  readonly verbose: boolean
  readonly color: boolean
  /** The page that tells more of the run; the recap names it. Default: there is none. */
  readonly record?: string
}

/** The view of a run on standard output. */
export const createScreen = ({ kind, isTTY, color, ...options }: ScreenOptions): View => {
  // Whoever looked on may leave (`| head`): the run goes on without.
  options.stdout.on?.('error', () => {})
  if (kind === 'json') return createJsonView(options.stdout)
  const rows = kind === 'terminal' || (kind === 'auto' && isTTY && !options.verbose)
  return (rows ? createTerminalView : createPlainView)({
    ...options,
    columns: options.columns || 80,
    paint: createPaint(color),
  })
}

/** Takes all events of a run. */
export type Renderer = {
  readonly event: (event: Event) => void
  /** Does what needs the terminal for itself, such as a question: no view writes meanwhile. */
  readonly quietly: <T>(work: () => Promise<T>) => Promise<T>
  /**
   * Ends all views: the terminal is sane again, the recap and the record are written. A second call
   * does nothing.
   */
  readonly close: () => Promise<void>
  /** What is known of the run: for reading only. */
  readonly state: RunState
}

export type ReportOptions = {
  /** The screen first. */
  readonly views: readonly View[]
  /** The last line of defence: takes what must not be seen out of every text. */
  readonly redact?: Sanitizer
}

/**
 * One fold and any number of views. Every text is redacted and harmless for a terminal before any
 * of them sees it. A view that
 * throws is left out from then on, and the recap says so: a run must not end half done because of
 * how it is shown.
 */
export const createReport = ({ views, redact = text => text }: ReportOptions): Renderer => {
  const state = createRunState()
  const faults = state.faults as string[]
  const whole = new Set(views)
  const broke = (view: View, error: unknown): void => {
    whole.delete(view)
    faults.push(
      `a view of the run broke: ${escapeControls(redact(error instanceof Error ? (error.stack ?? error.message) : String(error)))}`,
    )
  }
  const show = (view: View, event: Event): void => {
    try {
      view.event(event, state)
    } catch (error) {
      broke(view, error)
    }
  }
  let closed: Promise<void> | undefined
  return {
    state,
    event: event => {
      const safe = sanitize(event, text => escapeControls(redact(text)))
      reduce(state, safe)
      for (const view of whole) show(view, safe)
    },
    quietly: async work => {
      for (const view of whole)
        await view.pause?.(state).catch((error: unknown) => broke(view, error))
      try {
        return await work()
      } finally {
        for (const view of views) view.resume?.()
      }
    },
    close: () => {
      // From the last to the first: the screen comes first and tells what broke.
      closed ??= [...views]
        .reverse()
        .reduce(
          (before, view) =>
            before.then(() => view.close(state).catch((error: unknown) => broke(view, error))),
          Promise.resolve(),
        )
      return closed
    },
  }
}
