import type { HostName } from '../../lib/lab/network.ts'
import { reset } from '../../lib/lab/up.ts'

/** These hosts are as new. Another test file may be at the lab just then: its turn is waited for, two minutes at most. */
export const fresh = async (...hosts: readonly HostName[]): Promise<void> => {
  for (const until = performance.now() + 120_000; ; await new Promise(resolve => setTimeout(resolve, 500)))
    try {
      return await reset(hosts, () => {})
    } catch (error) {
      if (!(error instanceof Error && /the lab is busy/.test(error.message)) || performance.now() > until) throw error
    }
}
