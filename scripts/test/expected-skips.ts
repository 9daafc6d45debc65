import type { FileResult } from './run-file.ts'

/** A skip that does not fail the run. */
export type ExpectedSkip = {
  /** Matches the reason of the skip. */
  readonly reason: RegExp
  /** When it is expected, for people. */
  readonly when: string
  /** Expected on a person's machine only: .ci/run sets `CI`, and there the skip fails the run. */
  readonly notInCi?: boolean
}

/** Every skip that may happen. Any other one fails the run. */
export const expectedSkips: readonly ExpectedSkip[] = [
  {
    reason: /^\S+ is a stand-in (?:on this machine|in this lab)$/,
    when: 'no registry answers, so the lab uses a stand-in for this image',
  },
  {
    reason: /^no registry gives Loki on this machine: /,
    when: 'no registry answers: VictoriaLogs keeps the logs, and does not answer LogQL',
  },
  {
    reason: /^the stand-in for Loki on this machine keeps no logs$/,
    when: 'no registry answers, and the lab could not compile VictoriaLogs either',
  },
  {
    reason: /^the host has other packages that nothing needs: /,
    when: "the lab's base image has packages that apt would remove",
  },
  {
    reason: /^nothing can be mounted here: /,
    when: 'the container that the tests run in may not mount a file system',
  },
  {
    reason: /^docker is installed on this machine$/,
    when: 'the machine has Docker, for example to run the lab: its absence cannot be tested there',
  },
  {
    reason: /^\S+(?:, \S+)* not installed on this machine$/,
    when: 'a program is missing and may not be installed without being asked for',
    notInCi: true,
  },
  {
    reason: /^only root can /,
    when: 'a person who is not root runs the tests',
    notInCi: true,
  },
]

/** A skip with the file that it happened in. */
export type FileSkip = { readonly file: string; readonly test: string; readonly reason: string }

export const listSkips = (results: readonly Pick<FileResult, 'file' | 'report'>[]): FileSkip[] =>
  results.flatMap(({ file, report }) => report.skipped.map(skipped => ({ file, ...skipped })))

/** The skips that no entry of the list expects. */
export const findUnexpectedSkips = (
  skips: readonly FileSkip[],
  inCi: boolean,
  expected = expectedSkips,
): FileSkip[] =>
  skips.filter(
    skip => !expected.some(({ reason, notInCi }) => reason.test(skip.reason) && !(notInCi && inCi)),
  )

/** The entries of the list that matched no skip of a run. */
export const findUnusedEntries = (
  skips: readonly FileSkip[],
  expected = expectedSkips,
): ExpectedSkip[] => expected.filter(({ reason }) => !skips.some(skip => reason.test(skip.reason)))
