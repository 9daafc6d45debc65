import { Listr, type ListrTaskWrapper } from 'listr2'
import type { StepRow } from './step-rows.ts'

/**
 * How many rows are redrawn at most: listr2 needs a whole processor for fifty. Its list of tasks is
 * fixed once it runs, so it has this many from the start. One without a title is invisible until a
 * step uses it.
 */
export const liveRowCount = 12

// biome-ignore lint/suspicious/noExplicitAny: listr2's own default for the renderers of a task
type Task = ListrTaskWrapper<unknown, any, any>
type Slot = {
  id: string | undefined
  task: Task | undefined
  settle: ((error?: Error) => void) | undefined
  details: string
}

/** Rows on the terminal, redrawn in place. */
export type LiveRows = {
  /** Shows these rows, and below them one line of news. A finished row no longer changes. */
  readonly show: (rows: readonly StepRow[], news: string) => void
  /**
   * Ends with these rows: running ones are shown as stopped, and all others disappear. The cursor
   * is visible again.
   */
  readonly close: (rows: readonly StepRow[]) => Promise<void>
}

/** Opens the rows. Until they are closed, they own stdout and stderr. */
export const openLiveRows = (): LiveRows => {
  const slot = (): Slot => ({ id: undefined, task: undefined, settle: undefined, details: '' })
  const slots = Array.from({ length: liveRowCount }, slot)
  const bottom = slot()
  const all = [...slots, bottom]
  const started = createList(slots, bottom).run()
  const show = (rows: readonly StepRow[], news: string): void => {
    if (bottom.task && bottom.details !== news) {
      bottom.task.output = news
      bottom.details = news
    }
    for (const row of rows) {
      const slot = slots.find(({ id }) => id === row.id) ?? slots.find(({ id }) => id === undefined)
      if (slot) updateSlot(slot, row)
    }
  }
  return {
    show,
    close: async rows => {
      // The tasks of a list start a moment after it, and only a started one can show a row.
      while (all.some(({ task }) => !task)) await new Promise(resolve => setImmediate(resolve))
      show(rows, '')
      for (const { id, task, settle } of all) {
        if (id === undefined || !task || !settle) settle?.()
        else if (rows.some(row => row.id === id)) settle(new Error('stopped'))
        else task.title = ' '
        settle?.()
      }
      await started.catch(() => {})
    },
  }
}

/** Creates the list. Errors are rows and not exceptions; the program handles signals itself. */
const createList = (slots: readonly Slot[], bottom: Slot) =>
  new Listr(
    [...slots, bottom].map(slot => ({
      // Not empty: without a title, the text below a row would move to the bottom.
      title: ' ',
      rendererOptions:
        slot === bottom ? { bottomBar: 1 } : { persistentOutput: true, outputBar: 1 },
      task: (_: unknown, task: Task) =>
        new Promise<void>((resolve, reject) => {
          slot.task = task
          slot.settle = error => (error ? reject(error) : resolve())
        }),
    })),
    {
      concurrent: true,
      exitOnError: false,
      collectErrors: 'minimal',
      registerSignalListeners: false,
      rendererOptions: { collapseErrors: false, showErrorMessage: false, formatOutput: 'truncate' },
    },
  )

const updateSlot = (slot: Slot, { id, title, details, is }: StepRow): void => {
  const { task } = slot
  if (!task) return
  slot.id = id
  const text = details.join('\n')
  if (task.title !== title) task.title = title
  if (slot.details !== text) task.output = text
  slot.details = text
  if (is === 'failed') slot.settle?.(new Error(title))
  if (is === 'done') slot.settle?.()
}
