import { join, relative } from 'node:path'
import type { EventBody } from '../events.ts'
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

/**
 * What a run shows on the terminal, and its record: under `.runs`, or in the folder that BRD_RUNS
 * names.
 */
export type RunReport = Renderer & {
  readonly emit: (event: EventBody) => void
  readonly folder: string
  readonly at: () => number
}

/**
 * The report of a run: rows on a terminal, plain lines elsewhere, or JSON; and always a record on
 * disk. Events are stamped here.
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
  stdout.on('error', () => {}) // a reader that went away (| head) must not end a run in the middle
  const runs = process.env['BRD_RUNS'] ?? join(root, '.runs')
  const disk = openRecord({
    runs,
    playbook,
    now: new Date(),
    failed: why => process.stderr.write(`${why}\n`),
  })
  const view = createScreen({
    kind: json ? 'json' : 'auto',
    stdout,
    isTTY,
    columns: stdout.columns ?? 120,
    diff,
    verbose,
    color: wantsColor(isTTY, process.env),
    record: relative(process.cwd(), disk.page),
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
