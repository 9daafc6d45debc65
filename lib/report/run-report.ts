import { join, relative } from 'node:path'
import type { EventBody } from '../events.ts'
import { say } from './print.ts'
import { openRecord } from './record.ts'
import { createReport, createScreen, type Renderer } from './report.ts'
import type { Sanitizer } from './sanitize.ts'
import { wantsColor } from './style.ts'

export type RunReportOptions = {
  readonly root: string
  readonly playbook: string
  readonly json: boolean
  readonly diff: boolean
  readonly verbose: boolean
  readonly redact: Sanitizer
}

/** The output of a run, and its record in `.runs`, or in the folder that BRD_RUNS names. */
export type RunReport = Renderer & {
  readonly emit: (event: EventBody) => void
  readonly folder: string
  readonly at: () => number
}

/**
 * Opens the report of a run: rows on a terminal, otherwise plain lines, or JSON; and always a
 * record on disk. It adds the time to events.
 */
export const openRunReport = ({
  root,
  playbook,
  json,
  diff,
  verbose,
  redact,
}: RunReportOptions): RunReport => {
  const since = performance.now()
  const { stdout } = process
  const isTTY = stdout.isTTY === true && !process.env['CI']
  stdout.on('error', () => {}) // a reader that leaves (| head) must not end the run
  const runs = process.env['BRD_RUNS'] ?? join(root, '.runs')
  const disk = openRecord({
    runs,
    playbook,
    now: new Date(),
    failed: say,
  })
  const view = createScreen({
    kind: json ? 'json' : 'auto',
    stdout,
    isTTY,
    columns: stdout.columns ?? 120,
    diff,
    verbose,
    color: wantsColor(isTTY, process.env),
    record: () => (disk.isWhole() ? relative(process.cwd(), disk.page) : undefined),
  })
  const renderer = createReport({ views: [view, disk], redact })
  const at = () => Math.round(performance.now() - since)
  return {
    ...renderer,
    folder: disk.folder,
    at,
    emit: body => renderer.event({ ...body, at: at() }),
  }
}
