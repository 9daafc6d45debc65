import { appendFile, mkdir, readdir, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { writeWhole } from '../../disk/write-whole.ts'
import type { Night } from '../night.ts'
import type { LastProof } from '../report/alarms.ts'
import { renderNightJunit } from '../report/night-junit.ts'
import { renderNightLines } from '../report/night-lines.ts'
import { renderNightMetrics } from '../report/night-metrics.ts'
import { renderNightPage } from '../report/night-page.ts'
import { attemptDelivery, type Delivery } from './delivery.ts'

/** Where a night's reports are written. What is missing is not written. */
export type ReportPlaces = {
  /** A page for each night, the newest one as index.html too. */
  readonly htmlFolder?: string
  /** The text file that node_exporter reads; its name must end in `.prom`. */
  readonly prometheusFile?: string
  /** JUnit XML. */
  readonly junitFile?: string
  /** A line for each environment is added at its end. */
  readonly logFile?: string
}

/** Pages of nights that are kept: more than a year. */
const MOST_PAGES = 400

/**
 * Writes a night's reports: each whole or not at all, but for the lines of the log. `before` are
 * earlier nights, the oldest first. Never rejects: what could not be written is in the list. Others
 * may read the files, which contain no secret.
 */
export const writeReports = (
  night: Night,
  { before, proofs }: { readonly before: readonly Night[]; readonly proofs: readonly LastProof[] },
  { htmlFolder, prometheusFile, junitFile, logFile }: ReportPlaces,
): Promise<readonly Delivery[]> => {
  const write = (
    to: Delivery['to'],
    path: string | undefined,
    save: (path: string) => Promise<void>,
  ): readonly Promise<Delivery>[] =>
    path === undefined
      ? []
      : [
          attemptDelivery(to, async () => {
            await save(path)
            return path
          }),
        ]
  return Promise.all([
    ...write('page', htmlFolder, path => writePages(path, night, before)),
    ...write('metrics', prometheusFile, path =>
      writeWhole(path, renderNightMetrics(night, proofs), 0o644),
    ),
    ...write('junit', junitFile, path => writeWhole(path, renderNightJunit(night), 0o644)),
    ...write('log', logFile, async path => {
      await mkdir(dirname(path), { recursive: true })
      await appendFile(path, renderNightLines(night), { mode: 0o644 })
    }),
  ])
}

const writePages = async (
  folder: string,
  night: Night,
  before: readonly Night[],
): Promise<void> => {
  const page = renderNightPage(night, before)
  await mkdir(folder, { recursive: true, mode: 0o755 })
  await writeWhole(join(folder, `${night.began.replaceAll(':', '-')}.html`), page, 0o644)
  await writeWhole(join(folder, 'index.html'), page, 0o644)
  const pages = (await readdir(folder)).filter(name => /^\d{4}-.*Z\.html$/.test(name)).sort()
  for (const old of pages.slice(0, -MOST_PAGES)) await rm(join(folder, old), { force: true })
}
