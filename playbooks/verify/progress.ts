/** How far a verification is: rows on a terminal, otherwise a line for each check. */
import type { BackupCheck } from '../../lib/backups/verdict.ts'
import { liveRowCount, openLiveRows } from '../../lib/report/live-rows.ts'
import { print } from '../../lib/report/print.ts'
import { makeSafe } from '../../lib/report/sanitize.ts'
import { mergeRows, type StepRow } from '../../lib/report/step-rows.ts'
import type { EnvironmentNight } from '../../lib/verification/night.ts'
import { formatCheck, formatProgress } from './words.ts'

/** Hears of what a verification does. */
export type VerificationProgress = {
  readonly begin: (environment: string) => void
  readonly check: (environment: string, check: BackupCheck) => void
  readonly end: (night: EnvironmentNight) => void
  /** Nothing is shown any more. */
  readonly close: () => Promise<void>
}

const silent: VerificationProgress = {
  begin: () => {},
  check: () => {},
  end: () => {},
  close: async () => {},
}

/** Plain lines: for a file, the journal, cron. */
const plain: VerificationProgress = {
  ...silent,
  begin: environment => print(`${environment}: verification begins`),
  check: (environment, check) => print(formatCheck(environment, check)),
}

/** A row for each environment, redrawn in place. */
const openRows = (): VerificationProgress => {
  const rows = openLiveRows()
  const all = new Map<string, StepRow>()
  const made = new Map<string, BackupCheck[]>()
  const listRows = (): StepRow[] => {
    const list = [...all.values()]
    const rest = list.slice(liveRowCount - 1)
    return rest.length > 0 ? [...list.slice(0, liveRowCount - 1), mergeRows(rest)] : list
  }
  const set = (environment: string, row: Omit<StepRow, 'id'>): void => {
    all.set(environment, {
      id: environment,
      title: makeSafe(row.title),
      details: row.details.map(makeSafe),
      is: row.is,
    })
    rows.show(listRows(), 'Ctrl-C ends it: what was restored is thrown away')
  }
  const show = (environment: string, check?: BackupCheck): void => {
    const checks = [...(made.get(environment) ?? []), ...(check ? [check] : [])]
    made.set(environment, checks)
    set(environment, { title: formatProgress(environment, checks), details: [], is: 'running' })
  }
  return {
    begin: show,
    check: show,
    end: ({ environment, verdict, reasons }) =>
      set(environment, {
        title: `${environment}  ${verdict}`,
        details: reasons.slice(0, 3),
        is: verdict === 'PASS' ? 'done' : 'failed',
      }),
    // What is printed then says all of it.
    close: () => rows.close([]),
  }
}

/** Opens what fits: nothing but JSON is printed if that is asked for. */
export const openProgress = ({
  json,
  verbose,
}: {
  json?: boolean
  verbose?: boolean
}): VerificationProgress => {
  if (json) return silent
  return process.stdout.isTTY === true && !process.env['CI'] && !verbose ? openRows() : plain
}
