import { listChanges } from './list-changes.ts'
import { type LiveRows, liveRowCount, openLiveRows } from './live-rows.ts'
import type { PlainOptions } from './plain.ts'
import { formatRecap } from './recap.ts'
import type { RunState } from './run-state.ts'
import { buildStepRows, mergeRows, type StepRow } from './step-rows.ts'
import type { View } from './view.ts'

/** Milliseconds between two redraws: events arrive by the thousand. */
const pace = 120

/**
 * Creates the terminal view: a row for each step, redrawn in place; at the end the changes (in
 * check mode and with --diff) and the recap.
 */
export const createTerminalView = ({ stdout, columns, record, ...telling }: PlainOptions): View => {
  const clock = { at: 0, since: performance.now() }
  const past = new Set<string>()
  let current: { readonly page: LiveRows; ids: readonly string[] } | undefined
  let turning = false
  let turned = Promise.resolve()
  let paused = 0
  let timer: NodeJS.Timeout | undefined

  const rows = (state: RunState): StepRow[] => {
    const now = clock.at + performance.now() - clock.since
    return buildStepRows(state, { now, width: columns - 6, paint: telling.paint }).filter(
      ({ id }) => !past.has(id),
    )
  }
  const close = async (own: readonly StepRow[]): Promise<void> => {
    const ending = current
    current = undefined
    for (const { id } of own) past.add(id)
    await ending?.page.close(own)
    turning = false
  }
  const refresh = (state: RunState): void => {
    const all = rows(state)
    if (turning || paused > 0 || all.length === 0) return
    const own = all.filter(({ id }) => current?.ids.includes(id))
    if (own.length > 0 && own.length < all.length && own.every(({ is }) => is !== 'running')) {
      turning = true
      turned = close(own)
    } else {
      const [first, rest] = [all.slice(0, liveRowCount - 1), all.slice(liveRowCount - 1)]
      current ??= { page: openLiveRows(), ids: [] }
      current.ids = first.map(({ id }) => id)
      current.page.show(rest.length > 0 ? [...first, mergeRows(rest)] : first, findNews(state))
    }
  }
  return {
    event: ({ at }, state) => {
      Object.assign(clock, { at, since: performance.now() })
      timer ??= setInterval(refresh, pace, state).unref()
    },
    pause: async state => {
      paused++
      await turned
      const ids = current?.ids ?? []
      // Running rows disappear, and return after the pause.
      turned = close(rows(state).filter(({ id, is }) => ids.includes(id) && is !== 'running'))
      await turned
    },
    resume: () => {
      paused--
    },
    close: async state => {
      clearInterval(timer)
      await turned
      for (let left = rows(state); left.length > 0; left = rows(state)) {
        current ??= { page: openLiveRows(), ids: [] }
        await close(left.slice(0, liveRowCount - 1))
      }
      if (state.hosts.size === 0) return
      const told = telling.diff || state.check ? listChanges(state, columns, telling) : []
      const end = formatRecap({
        state,
        width: columns,
        paint: telling.paint,
        stderr: 12,
        notes: true,
        record: record?.(),
      })
      stdout.write(`${[...told, ...end].join('\n')}\n`)
    },
  }
}

/** Finds the latest note, such as what Ctrl-C does. */
const findNews = ({ notes }: RunState): string => {
  const last = notes.at(-1)
  return last ? `${last.host === undefined ? '' : `${last.host}: `}${last.text}` : ''
}
