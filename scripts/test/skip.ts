import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

/** What the runner finds of the skips of a test file, in the order in which they were met. */
export const getSkips = (): string[] => {
  const shared = globalThis as { brdSkips?: string[] }
  shared.brdSkips ??= []
  return shared.brdSkips
}

/** In front of the reason, so that the runner tells a skip from a failure in uvu's report. */
export const skipMarker = 'skipped: '

/**
 * Ends the test (or, from `test.before`, its whole suite) as skipped, never as passed. The reason
 * is printed at the end of the run.
 */
export const skip = (reason: string): never => {
  if (reason.trim() === '') throw new Error('a skip needs a reason')
  getSkips().push(reason)
  const error = new Error(skipMarker + reason)
  error.stack = ''
  throw error
}

/**
 * True where a program of this name is on the PATH or in the folders of the system's own programs.
 */
export const isInstalled = (program: string): boolean =>
  [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin'].some(folder => {
    try {
      accessSync(join(folder, program), constants.X_OK)
      return true
    } catch {
      return false
    }
  })

/** Skips the test where one of these programs is not installed. */
export const requirePrograms = (...programs: readonly string[]): void => {
  const missing = programs.filter(program => !isInstalled(program))
  if (missing.length > 0) skip(`${missing.join(', ')} not installed on this machine`)
}
