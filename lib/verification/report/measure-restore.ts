import { RESTORE_STAGES } from '../checks.ts'
import type { EnvironmentNight } from '../night.ts'

/** How long the restore of the database took, in seconds (its RTO); null if none was completed. */
export const measureRestore = ({
  stages,
  restorableTo,
}: Pick<EnvironmentNight, 'stages' | 'restorableTo'>): number | null => {
  if (restorableTo === null) return null
  const own = stages.filter(({ name }) => RESTORE_STAGES.some(stage => stage === name))
  return own.length === 0 ? null : own.reduce((sum, { seconds }) => sum + seconds, 0)
}
