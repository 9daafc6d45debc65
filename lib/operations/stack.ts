import { type Operation, operation } from '../operation.ts'
import { type AbsentStack, absentStack } from './stack/absent.ts'
import { drained } from './stack/drained.ts'
import { image } from './stack/image.ts'
import { planStack } from './stack/plan.ts'
import { printStack, readStack } from './stack/state.ts'
import { deriveStack, type Stack, type WantedStack } from './stack/wanted.ts'

const runningStack = operation('stack', {
  want: (options: Stack): WantedStack => deriveStack(options),
  name: ({ name }) => name,
  probe: want => printStack(want.name, want.external, [...want.configs.keys()]),
  read: (out, want) => readStack(out, want.external),
  plan: (now, want) => planStack(now, want),
  probeSeconds: 30,
})

/**
 * A stack runs on the swarm exactly as its compose file says, with all tasks up and healthy; for a
 * manager.
 *
 * Configs and secrets are named by their content and created before the deploy. Afterwards those
 * that neither the running nor the previous version mounts are removed. Changes made by hand on the
 * cluster are detected and corrected. An absent stack has no service, network, config or secret on
 * the cluster; its volumes stay.
 */
export const stack = Object.assign(
  operation('stack', {
    from: (want: Stack | AbsentStack, meta): Operation =>
      want.state === 'absent' ? absentStack(want, meta) : runningStack(want, meta),
  }),
  {
    /** No container of an earlier version of the stack runs on this node. */
    drained,
    /**
     * Provides the image that a service was last deployed with, as its compose file named it; for a
     * manager.
     */
    image,
  },
)
export type { Stack } from './stack/wanted.ts'
