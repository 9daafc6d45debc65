import { Unknown } from '../../operation.ts'
import { printDue } from '../../operations/reboot/due.ts'
import type { Fact } from './fact.ts'

/**
 * What the host is to be rebooted for: the packages that asked for it, or the kernel that is
 * installed and does not run; null where nothing
 * asks. What `reboot({ required: true })` goes by.
 */
export const rebootRequired: Fact<string | null> = {
  name: 'rebootRequired',
  probe: printDue({ required: true }),
  read: printed => {
    const [what = '', is, ...more] = printed.trimEnd().split('\n')
    if (is === 'done') return null
    if (is !== 'due' || more.length > 0)
      return new Unknown(
        `whether it is to be rebooted was not told: ${JSON.stringify(printed.slice(0, 80))}`,
      )
    return (
      what.replace(/^\/run\/reboot-required of \d+ ?/, '') || 'a package that does not say its name'
    )
  },
}
