/** Verifications of the lab's backups, and what a person reads of them. */
import { type BackupCheck, decideVerdict, REQUIRED_CHECKS } from '../../lib/backups/verdict.ts'
import { beginChecks } from '../../lib/verification/checks.ts'
import type { DatabaseBackups } from '../../lib/verification/database-backups.ts'
import type { FileBackups } from '../../lib/verification/restic.ts'
import { verifyDatabase } from '../../lib/verification/verify-database.ts'
import { verifyFiles } from '../../lib/verification/verify-files.ts'
import type { BackupLab } from '../support/backup-lab.ts'

/** The part of an environment that is verified: its database, or its files with Redis. */
export type VerifiedPart = 'database' | 'files'

/** What may be different in a verification. */
export type Circumstances = {
  readonly database?: Partial<DatabaseBackups>
  readonly files?: Partial<FileBackups>
}

/** Verifies a part; the checks that were made. */
export const verifyPart = async (
  lab: BackupLab,
  part: VerifiedPart,
  { database = {}, files = {} }: Circumstances = {},
): Promise<readonly BackupCheck[]> => {
  const checks = beginChecks()
  const place = await lab.open(part === 'database' ? 'walg' : 'restic')
  try {
    if (part === 'database') await verifyDatabase(place, lab.database(database), checks)
    else await verifyFiles(place, lab.files(files), checks)
    return checks.made
  } finally {
    await place.end()
  }
}

/** The verdict on a part, its reasons below it. What belongs to other parts is not asked for. */
export const judgePart = (part: VerifiedPart, made: readonly BackupCheck[]): string => {
  const isOfFiles = (name: string): boolean => /files|redis/.test(name)
  const required = REQUIRED_CHECKS.filter(
    name => name !== 'assets' && isOfFiles(name) === (part === 'files'),
  )
  const { verdict, reasons } = decideVerdict(made, required)
  return [verdict, ...reasons].join('\n')
}
