import type { JobState } from './state.ts'

/**
 * The `rerun` of a job that each request begins anew, unless it runs already: then the request is
 * for that one. Two who ask at the same time get one job, and a plan that was saved still fits.
 */
export const nameNextRun = (now: JobState): { readonly rerun?: string } => {
  if (now.is === 'absent') return {}
  if (now.is === 'running') return now.rerun === null ? {} : { rerun: now.rerun }
  return { rerun: `the run after that of ${now.began}` }
}
