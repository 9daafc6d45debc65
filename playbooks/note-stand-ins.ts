/** What the recap must say of the lab's images. */
import type { Run } from '../lib/run/run.ts'

/** A stand-in must never pass for the real thing: the recap names each of these that is one. */
export const noteStandIns = (run: Run, refs: readonly string[]): void => {
  if (run.mode === 'list') return
  const images = run.lab?.images.filter(({ ref }) => refs.includes(ref)) ?? []
  const fakes = images.filter(({ standIn }) => standIn).map(({ ref }) => ref)
  if (fakes.length > 0) run.note(`STAND-INS, not the real components: ${fakes.join(', ')}`)
}
