/** Instants of a database, restored and compared with what its clients were told. */
import { beginChecks } from '../../lib/verification/checks.ts'
import { ask, replayBinlogs } from '../../lib/verification/restored-database.ts'
import { verifyDatabase } from '../../lib/verification/verify-database.ts'
import type { BackupLab } from '../support/backup-lab.ts'
import { type AcknowledgedWrite, SUM_OF_ORDERS } from './seed.ts'

/** Restores the position of each write, in their order; those that differ from what was there. */
export const findWrongInstants = async (
  lab: BackupLab,
  writes: readonly AcknowledgedWrite[],
): Promise<readonly string[]> => {
  const place = await lab.open('walg')
  const wrong: string[] = []
  try {
    // A verification without a manifest fetches everything, and replays nothing.
    await verifyDatabase(place, lab.database({ fetchManifest: async () => null }), beginChecks())
    const { stdout } = await place.run({ script: 'ls /restore/archive' })
    const files = stdout.trim().split('\n')
    for (const { gtid, rows } of writes) {
      await replayBinlogs(place, files, { gtid })
      const [row] = await ask(place, SUM_OF_ORDERS)
      if (row?.[0] !== rows) wrong.push(`${gtid}: ${row?.[0]}, and ${rows} was acknowledged`)
    }
  } finally {
    await place.end()
  }
  return wrong
}
