import type { Event } from '../events.ts'
import { countSecretOverlap } from '../secret.ts'
import { createJsonView } from './json.ts'
import { LiveOutput } from './live-output.ts'
import { createPlainView } from './plain.ts'
import { reduce } from './reduce.ts'
import { createRunState, type RunState } from './run-state.ts'
import { escapeControls, type Sanitizer, sanitize } from './sanitize.ts'
import { createPaint } from './style.ts'
import { createTerminalView } from './terminal.ts'
import type { Out, View } from './view.ts'

export type ScreenOptions = {
  /** `auto`: the terminal view on a terminal, otherwise plain lines. */
  readonly kind: 'auto' | 'plain' | 'terminal' | 'json'
  readonly stdout: Out
  readonly isTTY: boolean
  /** Width of the terminal in characters; 0, which some terminals report, means 80. */
  readonly columns: number
  /** Show each change in full (--diff). */
  readonly diff: boolean
  /** Show unchanged operations too (-v), line by line even on a terminal. */
  readonly verbose: boolean
  readonly color: boolean
  /** Returns the path of the report page, if it was written: the recap names it. */
  readonly record?: () => string | undefined
}

/** Creates the view of a run on standard output. */
export const createScreen = ({ kind, isTTY, color, ...options }: ScreenOptions): View => {
  // The reader may leave (`| head`): the run continues without it.
  options.stdout.on?.('error', () => {})
  if (kind === 'json') return createJsonView(options.stdout)
  const rows = kind === 'terminal' || (kind === 'auto' && isTTY && !options.verbose)
  return (rows ? createTerminalView : createPlainView)({
    ...options,
    columns: options.columns || 80,
    paint: createPaint(color),
  })
}

/** Receives all events of a run. */
export type Renderer = {
  readonly event: (event: Event) => void
  /** Runs work that needs the terminal alone, such as a question: no view writes meanwhile. */
  readonly quietly: <T>(work: () => Promise<T>) => Promise<T>
  /**
   * Ends all views: restores the terminal, writes the recap and the record. A second call does
   * nothing.
   */
  readonly close: () => Promise<void>
  /** The state of the run, for reading only. */
  readonly state: RunState
}

export type ReportOptions = {
  /** The screen is the first of them. */
  readonly views: readonly View[]
  /** Removes secrets from every text before a view sees it. */
  readonly redact?: Sanitizer
  /**
   * How many characters at a text's end may be the beginning of a secret. Default: a hidden one.
   */
  readonly overlap?: (text: string) => number
}

/**
 * Creates a report with any number of views. Every text is redacted, and its control characters
 * escaped, before a view sees it. A view that throws is dropped, and the recap says so: a run must
 * not stop halfway because of its output.
 */
export const createReport = ({
  views,
  redact = text => text,
  overlap = countSecretOverlap,
}: ReportOptions): Renderer => {
  const live = new LiveOutput(overlap)
  const state = createRunState()
  const faults = state.faults as string[]
  const whole = new Set(views)
  const broke = (view: View, error: unknown): void => {
    whole.delete(view)
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
    faults.push(`a view of the run failed: ${escapeControls(redact(text))}`)
  }
  const show = (view: View, event: Event): void => {
    try {
      view.event(event, state)
    } catch (error) {
      broke(view, error)
    }
  }
  const take = (event: Event | null): void => {
    if (event === null) return
    const safe = sanitize(event, text => escapeControls(redact(text)))
    reduce(state, safe)
    for (const view of whole) show(view, safe)
  }
  let closed: Promise<void> | undefined
  return {
    state,
    event: event => {
      if (event.type === 'op-started' || event.type === 'op-settled')
        take(live.end(event, event.at))
      take(event.type === 'op-output' ? live.take(event) : event)
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
      // In reverse order: the screen is first, and shows which view failed.
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
