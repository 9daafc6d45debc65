import { change, operation, unreadable } from '../../operation.ts'
import { sh } from '../../sh.ts'
import { defineAgain, type Locked } from './install.ts'
import { checkHours, defineFresh, updateLists as updating } from './lists.ts'

export type Update = Locked & {
  /**
   * Maximum age of the lists, in hours. Older lists, and lists older than the sources, are updated.
   * Default 24.
   */
  readonly cacheHours?: number
}

/**
 * The package lists are no older than this. `apt.packages` and `apt.upgrade` see to that
 * themselves.
 */
export const update = operation('apt.update', {
  check: (want: Update) => {
    checkHours(want.cacheHours)
  },
  name: (_: Update) => 'package lists',
  probe: ({
    cacheHours = 24,
  }) => sh`command -v apt-get >/dev/null || { echo 'apt is not installed' >&2; exit 1; }
${defineFresh(cacheHours)}
fresh && echo fresh || echo old`,
  read: out => {
    const word = out.stdout.toString().trim()
    return out.exitCode === 0 && (word === 'fresh' || word === 'old') ? word : unreadable(out)
  },
  plan: (now, { cacheHours = 24, ...locked }) =>
    change(
      now === 'fresh'
        ? []
        : [
            {
              key: 'lists',
              before: `older than ${cacheHours} h, or than the sources`,
              after: 'up to date',
            },
          ],
      sh`${defineAgain(locked)}
${updating}`,
      { seconds: 300 },
    ),
})
