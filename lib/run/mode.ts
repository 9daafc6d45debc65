import type { CommonFlags } from '../cli/flags.ts'

/** How a run plays: it lists operations, checks what would change, or applies the changes. */
export type Mode = 'list' | 'check' | 'apply'

/** Decides the mode of a run from its flags. */
export const chooseMode = (flags: Pick<CommonFlags, 'check' | 'list-tasks'>): Mode =>
  flags['list-tasks'] ? 'list' : flags.check ? 'check' : 'apply'
