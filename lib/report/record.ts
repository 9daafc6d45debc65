import { closeSync, mkdirSync, openSync, statSync, writeFileSync, writeSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { InputError } from '../errors/input-error.ts'
import { renderReportPage } from './html/page.ts'
import { renderJunit } from './junit.ts'
import type { View } from './view.ts'

export type RecordOptions = {
  /** The folder with the records of all runs, such as `.runs`. */
  readonly runs: string
  readonly playbook: string
  readonly now: Date
  /** Called once if the record can no longer be written (a full disk). The run continues. */
  readonly failed: (why: string) => void
}

/** Where the record is. */
export type DiskRecord = {
  readonly folder: string
  /** Path of the page, which is written at the end. */
  readonly page: string
  /** False once something of it could not be written. */
  readonly isWhole: () => boolean
}

/**
 * Opens the record of a run on disk, readable only by its owner: `events.jsonl` as events happen,
 * `junit.xml` and `report.html` (`page`) at the end.
 */
export const openRecord = ({ runs, playbook, now, failed }: RecordOptions): View & DiskRecord => {
  const folder = createFolder(
    runs,
    `${now.toISOString().slice(0, 19).replaceAll(':', '-')}-${playbook.replace(/[^\w.-]+/g, '-')}`,
  )
  let events: number | undefined = openSync(join(folder, 'events.jsonl'), 'wx', 0o600)
  let isWhole = true
  const guarded = (write: () => void): void => {
    try {
      write()
    } catch (error) {
      events = undefined
      isWhole = false
      failed(`the record in ${folder} is incomplete: ${(error as Error).message}`)
    }
  }
  return {
    folder,
    page: join(folder, 'report.html'),
    isWhole: () => isWhole,
    // Synchronous: every event survives a kill.
    event: event => {
      const file = events
      if (file !== undefined) guarded(() => void writeSync(file, `${JSON.stringify(event)}\n`))
    },
    close: async state => {
      const file = events
      events = undefined
      if (file === undefined) return
      guarded(() => {
        closeSync(file)
        writeFileSync(join(folder, 'junit.xml'), renderJunit(state), { mode: 0o600 })
        writeFileSync(join(folder, 'report.html'), renderReportPage(state, basename(folder)), {
          mode: 0o600,
        })
      })
    },
  }
}

/** Creates a new folder, also for a second run within the same second. */
const createFolder = (runs: string, name: string): string => {
  try {
    makeFolders(runs)
    return createNumbered(runs, name, 1)
  } catch (cause) {
    const message = `the record of the run cannot be written: ${(cause as Error).message}`
    throw new InputError(
      { place: runs, message, next: 'Set BRD_RUNS to a folder that you can write.' },
      { cause },
    )
  }
}

// Without `recursive`, which never returns for a path below /proc (Node 20.20, 22.23 and 24.21).
const makeFolders = (folder: string): void => {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return
  if (dirname(folder) !== folder) makeFolders(dirname(folder))
  try {
    mkdirSync(folder, { mode: 0o700 })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || !statSync(folder).isDirectory())
      throw error // another run made it
  }
}

const createNumbered = (runs: string, name: string, nth: number): string => {
  const folder = join(runs, nth === 1 ? name : `${name}-${nth}`)
  try {
    mkdirSync(folder, { mode: 0o700 })
    return folder
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || nth >= 1000) throw error
    return createNumbered(runs, name, nth + 1)
  }
}
